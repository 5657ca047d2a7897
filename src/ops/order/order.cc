#include "ops/axes.h"
#include "ops/elementwise.h"
#include "ops/lift.h"
#include "ops/order/order_eval.h"

namespace narrowcast::ops {
namespace {

constexpr int kCountIsOperand = 10;

// Values and indices of the k largest along an axis.
Status set_top(InferContext& ctx, const List& k, int64_t axis, DType index_type) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  ctx.set(1, index_type, std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  NC_TRY(const std::size_t at, find_axis(ctx.op(), axis, x->size()));
  Shape out = *x;
  out[at] = k.state == Listed::known && k.values.size() == 1 ? k.values[0] : kUnknownDim;
  ctx.set(0, ctx.dtype(0), out);
  ctx.set(1, index_type, std::move(out));
  return {};
}

Status infer_top_k(InferContext& ctx) {
  const List k = read_list(ctx, {.attribute = "k", .operand_since = kCountIsOperand, .slot = 1});
  return set_top(ctx, k, ctx.op().int_or("axis", -1), DType::i64);
}

Status infer_top_k_tflite(InferContext& ctx) { return set_top(ctx, read_list(ctx, 1), -1, DType::i32); }

// [selected, 3]: batch, class and box.
Status infer_non_max_suppression(InferContext& ctx) {
  ctx.set(0, DType::i64, Shape{kUnknownDim, 3});
  return {};
}

Status infer_non_zero(InferContext& ctx) {
  const Shape* x = ctx.shape(0);
  const int64_t rank = x == nullptr ? kUnknownDim : static_cast<int64_t>(x->size());
  ctx.set(0, DType::i64, Shape{rank, kUnknownDim});
  return {};
}

// The values, then first places, inverse and counts, each a list.
Status infer_unique(InferContext& ctx) {
  const Shape* x = ctx.shape(0);
  ctx.set(0, ctx.dtype(0), std::nullopt);
  for (std::size_t i = 1; i < 4; ++i) ctx.set(i, DType::i64, Shape{kUnknownDim});
  if (ctx.op().find("axis") == nullptr) {
    ctx.set(0, ctx.dtype(0), Shape{kUnknownDim});
  } else if (x != nullptr) {
    NC_TRY(const std::size_t axis, find_axis(ctx.op(), ctx.op().int_or("axis", 0), x->size()));
    Shape out = *x;
    out[axis] = kUnknownDim;
    ctx.set(0, ctx.dtype(0), std::move(out));
  }
  return {};
}

// How many the condition keeps is known only at run time.
Status infer_compress(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  if (ctx.op().find("axis") == nullptr) {
    ctx.set(0, ctx.dtype(0), Shape{kUnknownDim});
    return {};
  }
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  NC_TRY(const std::size_t axis, find_axis(ctx.op(), ctx.op().int_or("axis", 0), x->size()));
  Shape out = *x;
  out[axis] = kUnknownDim;
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

// A size in an operand of one element, of any type.
int64_t one_size(const InferContext& ctx, std::size_t slot) {
  if (const auto* ints = ctx.ints(slot); ints != nullptr && ints->size() == 1) return (*ints)[0];
  const auto* floats = ctx.floats(slot);
  if (floats == nullptr || floats->size() != 1) return kUnknownDim;
  const float size = (*floats)[0];
  return size >= 0 && size < static_cast<float>(INT32_MAX) ? static_cast<int64_t>(size) : kUnknownDim;
}

// Indices get an axis of `depth` entries; the type is that of the two values.
Status infer_one_hot(InferContext& ctx) {
  constexpr std::size_t kValues = 2;
  ctx.set(0, ctx.dtype(kValues), std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  NC_TRY(const std::size_t at, find_axis(ctx.op(), ctx.op().int_or("axis", -1), x->size() + 1));
  Shape out = *x;
  out.insert(out.begin() + static_cast<std::ptrdiff_t>(at), one_size(ctx, 1));
  ctx.set(0, ctx.dtype(kValues), std::move(out));
  return {};
}

Rule first_is_data(const RuleQuery& query) {
  Rule rule{std::vector<OperandRule>(query.operands.size(), {Role::plain, {}})};
  if (!rule.operands.empty()) rule.operands[0].role = Role::data;
  return rule;
}
// Boxes and scores flow; the thresholds are compared with.
Rule suppression_rule(const RuleQuery&) {
  return {{{Role::data, {}}, {Role::data, {}}, {Role::plain, {}}, {Role::plain, {}}, {Role::plain, {}}}};
}
Rule all_plain(const RuleQuery& query) { return {std::vector<OperandRule>(query.operands.size(), {Role::plain, {}})}; }

// TFLite: one row for each element that is true, with its place along every axis.
Status infer_where(InferContext& ctx) {
  const Shape* x = ctx.shape(0);
  ctx.set(0, DType::i64, Shape{kUnknownDim, x == nullptr ? kUnknownDim : static_cast<int64_t>(x->size())});
  return {};
}

using Infer = Status (*)(InferContext&);
using Roles = Rule (*)(const RuleQuery&);
using Eval = Status (*)(EvalContext&);

constexpr OpDef op(std::string_view domain, std::string_view type, int first, int last, Infer infer, Roles rule,
                   Eval eval, Floats floats) {
  return {.domain = domain,
          .type = type,
          .first_version = first,
          .last_version = last,
          .infer = infer,
          .rule = rule,
          .eval = eval,
          .floats = floats};
}
constexpr OpDef onnx(std::string_view type, int first, int last, Infer infer, Roles rule, Eval eval, Floats floats) {
  return op("", type, first, last, infer, rule, eval, floats);
}
constexpr OpDef tflite(std::string_view type, int last, Infer infer, Roles rule, Eval eval, Floats floats) {
  return op(kTfliteDomain, type, 1, last, infer, rule, eval, floats);
}

constexpr Floats kMoved = Floats::all;
constexpr Floats kCompared = Floats::f32_f64;

Status lift_count(LiftContext& ctx) {
  ctx.list_to_operand("k", 1);
  return {};
}

constexpr LiftStep kTopKLifts[] = {{kCountIsOperand, lift_count}};

constexpr OpDef kOps[] = {
    onnx("Compress", 9, 11, infer_compress, first_is_data, eval_compress, kMoved),
    with_half_since(onnx("CumSum", 11, 14, infer_like_first, first_is_data, eval_cum_sum, kCompared), 14),
    with_half_since(onnx("NonMaxSuppression", 10, 11, infer_non_max_suppression, suppression_rule,
                         eval_non_max_suppression, Floats::f32),
                    kNeverHalf),
    onnx("NonZero", 9, 13, infer_non_zero, nullptr, eval_non_zero, kCompared),
    onnx("OneHot", 9, 11, infer_one_hot, all_plain, eval_one_hot, kMoved),
    onnx("ReverseSequence", 10, 10, infer_like_first, first_is_data, eval_reverse_sequence, kMoved),
    with_lifts(onnx("TopK", 1, 24, infer_top_k, first_is_data, eval_top_k, kCompared), kTopKLifts),
    onnx("Trilu", 14, 14, infer_like_first, first_is_data, eval_trilu, kMoved),
    onnx("Unique", 11, 11, infer_unique, nullptr, eval_unique, kCompared),
    tflite("CUMSUM", 1, infer_like_first, first_is_data, eval_cum_sum, kCompared),
    tflite("ONE_HOT", 1, infer_one_hot, all_plain, eval_one_hot, kMoved),
    tflite("REVERSE_SEQUENCE", 1, infer_like_first, first_is_data, eval_reverse_sequence, kMoved),
    tflite("REVERSE_V2", 3, infer_like_first, first_is_data, eval_reverse, kMoved),
    tflite("TOPK_V2", 3, infer_top_k_tflite, first_is_data, eval_top_k, kCompared),
    tflite("WHERE", 2, infer_where, nullptr, eval_non_zero, kCompared),
};

}  // namespace

OpFamily order_family() { return {"order", "Ops about places: sorting, choosing, counting and turning round.", kOps}; }

}  // namespace narrowcast::ops

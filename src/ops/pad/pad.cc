#include <algorithm>
#include <array>

#include "ops/axes.h"
#include "ops/lift.h"
#include "ops/pad/pad_eval.h"
#include "ops/sizes.h"

namespace narrowcast::ops {
namespace {

// A size with what is put in front and behind; what is put there can also be below zero, and then cuts.
int64_t padded(int64_t size, int64_t before, int64_t after) {
  if (size < 0 || !is_modest(before) || !is_modest(after)) return kUnknownDim;
  int64_t out = 0;
  if (__builtin_add_overflow(size, before + after, &out)) return kUnknownDim;
  return out < 0 ? kUnknownDim : out;
}

Status set_padded(InferContext& ctx, const Shape& x, const std::vector<int64_t>& pads, const List& axes) {
  const std::size_t count = axes.state == Listed::known ? axes.values.size() : x.size();
  if (pads.size() != 2 * count) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the pads do not fit the shape " + shape_text(x) + ".");
  }
  Shape out = x;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t axis = i;
    if (axes.state == Listed::known) {
      NC_TRY(axis, find_axis(ctx.op(), axes.values[i], x.size()));
    }
    out[axis] = padded(x[axis], pads[i], pads[count + i]);
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

Status infer_pad(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  ctx.set(0, ctx.dtype(0), unknown_sizes(x->size()));
  const List pads = read_list(ctx, pads_place(ctx.op()));
  const List axes = ctx.op().version >= kPadTakesAxes ? read_list(ctx, 3) : List{};
  if (pads.state != Listed::known || axes.state == Listed::unknown) return {};
  return set_padded(ctx, *x, pads.values, axes);
}

// TFLite: paddings [rank, 2]. MIRROR_PAD has the same.
Status infer_pad_tflite(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  ctx.set(0, ctx.dtype(0), unknown_sizes(x->size()));
  const auto* pairs = ctx.ints(1);
  if (pairs == nullptr) return {};
  std::vector<int64_t> pads;
  for (const std::size_t side : std::array<std::size_t, 2>{0, 1}) {
    for (std::size_t i = side; i < pairs->size(); i += 2) pads.push_back((*pairs)[i]);
  }
  return set_padded(ctx, *x, pads, {});
}

// The value that fills the border must be exact: it is compared with, or stands for minus infinity.
Rule pad_rule(const RuleQuery&) {
  return {{{Role::data, {}}, {Role::plain, {}}, {Role::plain, {}}, {Role::plain, {}}}};
}

// An absent filling is zero.
bool fills_with_zero(const BorderQuery& query, std::size_t slot) {
  if (!query.present(slot)) return true;
  const Tensor* value = query.constant(slot);
  return value != nullptr && value->dtype == DType::f32 && value->count() == 1 && value->as<float>()[0] == 0;
}

std::optional<Border> border_of(std::vector<int64_t> before, std::vector<int64_t> after) {
  const auto grows = [](int64_t size) { return size >= 0 && is_modest(size); };
  if (!std::ranges::all_of(before, grows) || !std::ranges::all_of(after, grows)) return std::nullopt;
  return Border{std::move(before), std::move(after)};
}

std::optional<Border> pad_border(const BorderQuery& query) {
  if (query.op.string_or("mode", "constant") != "constant" || query.present(3)) return std::nullopt;
  const bool is_operand = query.op.version >= kPadsAreOperand;
  if (is_operand ? !fills_with_zero(query, 2) : query.op.float_or("value", 0) != 0) return std::nullopt;
  const Tensor* constant = query.constant(1);
  if (is_operand && constant == nullptr) return std::nullopt;
  const std::vector<int64_t> pads = is_operand ? integers_of(*constant) : query.op.ints(pads_place(query.op).attribute);
  const auto half = static_cast<std::ptrdiff_t>(pads.size() / 2);
  return border_of({pads.begin(), pads.begin() + half}, {pads.begin() + half, pads.end()});
}

std::optional<Border> pad_border_tflite(const BorderQuery& query) {
  const Tensor* constant = query.constant(1);
  if (constant == nullptr || !fills_with_zero(query, 2)) return std::nullopt;
  const std::vector<int64_t> pairs = integers_of(*constant);
  std::vector<int64_t> before;
  std::vector<int64_t> after;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    before.push_back(pairs[i]);
    after.push_back(pairs[i + 1]);
  }
  return border_of(std::move(before), std::move(after));
}

constexpr OpDef with_border_of(OpDef op, std::optional<Border> (*border)(const BorderQuery&)) {
  op.border = border;
  return op;
}

constexpr OpDef tflite(std::string_view type, int last) {
  return {.domain = kTfliteDomain,
          .type = type,
          .first_version = 1,
          .last_version = last,
          .infer = infer_pad_tflite,
          .rule = pad_rule,
          .eval = eval_pad_tflite,
          .floats = Floats::all};
}

Status lift_pads(LiftContext& ctx) {
  ctx.list_to_operand("pads", 1);
  if (ctx.op().find("value") == nullptr) return {};
  const float value = ctx.op().float_or("value", 0);
  if (ctx.op().string_or("mode", "constant") == "constant" && value != 0) {
    NC_TRY(const ValueId filling, ctx.add_scalar("value", ctx.operand(0).type.dtype, value));
    ctx.set_operand(2, filling);
  }
  ctx.drop_attribute("value");
  return {};
}

constexpr LiftStep kLifts[] = {{kPadsAreOperand, lift_pads}};

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Pad",
     .first_version = 1,
     .last_version = 23,
     .infer = infer_pad,
     .rule = pad_rule,
     .eval = eval_pad,
     .floats = Floats::all,
     .layouts = Layouts::follow,
     .border = pad_border,
     .lifts = kLifts},
    tflite("MIRROR_PAD", 3),
    with_border_of(tflite("PAD", 4), pad_border_tflite),
    with_border_of(tflite("PADV2", 4), pad_border_tflite),
};

}  // namespace

OpFamily pad_family() { return {"pad", "Puts a border around the axes.", kOps}; }

}  // namespace narrowcast::ops

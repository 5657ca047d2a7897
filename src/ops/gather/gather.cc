#include "ops/axes.h"
#include "ops/gather/gather_eval.h"

namespace narrowcast::ops {
namespace {

// x's axis gives way to all axes of the indices; `batch` leading axes are shared by both.
Status set_gathered(InferContext& ctx, std::size_t data, std::size_t indices, std::size_t axis, std::size_t batch) {
  const Shape& x = *ctx.shape(data);
  const Shape* at = ctx.shape(indices);
  if (at == nullptr) return {};
  if (batch > axis || batch > at->size()) {
    return fail(ErrorCode::malformed, ctx.op().type + ": more batch axes than there are axes.");
  }
  Shape out(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(axis));
  out.insert(out.end(), at->begin() + static_cast<std::ptrdiff_t>(batch), at->end());
  out.insert(out.end(), x.begin() + static_cast<std::ptrdiff_t>(axis) + 1, x.end());
  ctx.set(0, ctx.dtype(data), std::move(out));
  return {};
}

// Entries of a list of integers, counted from the end when below zero.
void fold_gather(InferContext& ctx) {
  const auto* list = ctx.ints(0);
  const auto* at = ctx.ints(1);
  const Shape* x = ctx.shape(0);
  if (list == nullptr || at == nullptr || x == nullptr || x->size() != 1) return;
  const auto size = static_cast<int64_t>(list->size());
  std::vector<int64_t> out;
  for (int64_t i : *at) {
    if (i < -size || i >= size) return;
    out.push_back((*list)[static_cast<std::size_t>(i < 0 ? i + size : i)]);
  }
  ctx.set_ints(0, std::move(out));
}

Status infer_along(InferContext& ctx, int64_t batch) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  NC_TRY(const std::size_t axis, find_axis(ctx.op(), ctx.op().int_or("axis", 0), x->size()));
  const Shape* at = ctx.shape(1);
  if (batch < 0 && at != nullptr) batch += static_cast<int64_t>(at->size());
  if (batch < 0) return fail(ErrorCode::malformed, ctx.op().type + ": batch_dims lies outside the indices.");
  NC_CHECK(set_gathered(ctx, 0, 1, axis, static_cast<std::size_t>(batch)));
  fold_gather(ctx);
  return {};
}

Status infer_gather(InferContext& ctx) { return infer_along(ctx, 0); }
Status infer_gather_tflite(InferContext& ctx) { return infer_along(ctx, ctx.op().int_or("batch_dims", 0)); }

Status infer_gather_elements(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), ctx.operand(1).type.shape);
  return {};
}

// The indices' last axis addresses so many of the data's axes, after the batch axes that both share.
Status infer_gather_nd(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  const Shape* at = ctx.shape(1);
  if (x == nullptr || at == nullptr) return {};
  if (at->empty()) return fail(ErrorCode::malformed, ctx.op().type + ": the indices are a scalar.");
  const int64_t addressed = at->back();
  if (addressed < 0) return {};
  const int64_t batch = ctx.op().int_or("batch_dims", 0);
  const auto rank = static_cast<int64_t>(x->size());
  if (batch < 0 || batch >= rank || addressed > rank - batch) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the indices address more axes than there are.");
  }
  Shape out(at->begin(), at->end() - 1);
  out.insert(out.end(), x->begin() + batch + addressed, x->end());
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

// TFLite: operands are the indices and the table.
Status infer_embedding_lookup(InferContext& ctx) {
  ctx.set(0, ctx.dtype(1), std::nullopt);
  const Shape* x = ctx.shape(1);
  if (x == nullptr || x->empty()) return {};
  return set_gathered(ctx, 1, 0, 0, 0);
}

// Rows chosen from a table: an embedding. One scale a row, blocks along it.
Rule gather_rule(const RuleQuery& query) {
  Rule rule{{{Role::data, {}}, {Role::plain, {}}, {Role::plain, {}}}};
  if (query.rank(0) == 2 && query.op.int_or("axis", 0) == 0) rule.operands[0] = {Role::weight, {0, 1, 2}};
  return rule;
}

Rule indices_rule(const RuleQuery&) { return {{{Role::data, {}}, {Role::plain, {}}}}; }

Rule embedding_rule(const RuleQuery& query) {
  Rule rule{{{Role::plain, {}}, {Role::data, {}}}};
  const int rank = query.rank(1);
  if (rank >= 2) rule.operands[1] = {Role::weight, {0, 1, rank}, Hybrid::per_channel};
  return rule;
}

// The converter has no version for codes with one scale: they came with 3.
int embedding_version(const VersionQuery& query) {
  if (query.dtype(1) == DType::f32) return 1;
  if (query.dtype(1) != DType::i8) return query.op.version;
  return query.per_channel[1] != 0 ? 4 : 3;
}

std::string_view embedding_runtime(int version) {
  constexpr std::string_view kSince[] = {"1.13.0", "1.14.0", "1.14.0", "2.18.0", "2.21.0"};
  return runtime_since(kSince, version);
}

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Gather",
     .first_version = 1,
     .last_version = 13,
     .infer = infer_gather,
     .rule = gather_rule,
     .eval = eval_gather,
     .floats = Floats::all},
    {.domain = "",
     .type = "GatherElements",
     .first_version = 11,
     .last_version = 13,
     .infer = infer_gather_elements,
     .rule = indices_rule,
     .eval = eval_gather_elements,
     .floats = Floats::all},
    {.domain = "",
     .type = "GatherND",
     .first_version = 11,
     .last_version = 13,
     .infer = infer_gather_nd,
     .rule = indices_rule,
     .eval = eval_gather_nd,
     .floats = Floats::all},
    {.domain = kTfliteDomain,
     .type = "EMBEDDING_LOOKUP",
     .first_version = 1,
     .last_version = 5,
     .infer = infer_embedding_lookup,
     .rule = embedding_rule,
     .tflite_version = embedding_version,
     .tflite_runtime = embedding_runtime,
     .eval = eval_embedding_lookup,
     .floats = Floats::all},
    {.domain = kTfliteDomain,
     .type = "GATHER",
     .first_version = 1,
     .last_version = 7,
     .infer = infer_gather_tflite,
     .rule = gather_rule,
     .eval = eval_gather,
     .floats = Floats::all},
    {.domain = kTfliteDomain,
     .type = "GATHER_ND",
     .first_version = 1,
     .last_version = 5,
     .infer = infer_gather_nd,
     .rule = indices_rule,
     .eval = eval_gather_nd,
     .floats = Floats::all},
};

}  // namespace

OpFamily gather_family() { return {"gather", "Picks entries by index, as from an embedding table.", kOps}; }

}  // namespace narrowcast::ops

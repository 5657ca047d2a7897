#include <algorithm>

#include "ops/axes.h"
#include "ops/elementwise.h"

namespace narrowcast::ops {
namespace {

// The further results of BatchNormalization are a channel's mean and variance, or absent.
Status infer_batch(InferContext& ctx) {
  NC_CHECK(infer_like_first(ctx));
  for (std::size_t i = 1; i < ctx.result_count() && i < 5; ++i) {
    const std::size_t like = i % 2 == 1 ? 3 : 4;
    ctx.set(i, ctx.dtype(like), ctx.operand(like).type.shape);
  }
  return {};
}

// Mean and inverse deviation keep the normalized axes with one entry.
Status infer_layer(InferContext& ctx) {
  NC_CHECK(infer_like_first(ctx));
  const Shape* x = ctx.shape(0);
  const DType dtype = ctx.op().int_or("stash_type", 1) == 1 ? DType::f32 : ctx.dtype(0);
  ctx.set(1, dtype, std::nullopt);
  ctx.set(2, dtype, std::nullopt);
  if (x == nullptr) return {};
  NC_TRY(const std::size_t axis, find_axis(ctx.op(), ctx.op().int_or("axis", -1), x->size()));
  Shape statistics = *x;
  std::fill(statistics.begin() + static_cast<std::ptrdiff_t>(axis), statistics.end(), 1);
  ctx.set(1, dtype, statistics);
  ctx.set(2, dtype, std::move(statistics));
  return {};
}

// Scale, shift, mean and variance: few numbers, which runtimes fold into the layer before while they are float
// constants; a variance can leave float16's range.
Rule batch_rule(const RuleQuery&) {
  return {{{Role::data, {}}, {Role::plain, {}}, {Role::plain, {}}, {Role::plain, {}}, {Role::plain, {}}}};
}

constexpr OpDef onnx(std::string_view type, int first, int last) {
  return {.domain = "", .type = type, .first_version = first, .last_version = last, .infer = infer_like_first};
}

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "BatchNormalization",
     .first_version = 1,
     .last_version = 15,
     .infer = infer_batch,
     .rule = batch_rule},
    onnx("GroupNormalization", 18, 21),
    onnx("InstanceNormalization", 1, 22),
    onnx("LRN", 1, 13),
    {.domain = "", .type = "LayerNormalization", .first_version = 17, .last_version = 17, .infer = infer_layer},
    onnx("LpNormalization", 1, 22),
    onnx("MeanVarianceNormalization", 9, 13),
    onnx("RMSNormalization", 23, 23),
    {.domain = kTfliteDomain,
     .type = "L2_NORMALIZATION",
     .first_version = 1,
     .last_version = 2,
     .infer = infer_like_first},
    {.domain = kTfliteDomain,
     .type = "LOCAL_RESPONSE_NORMALIZATION",
     .first_version = 1,
     .last_version = 1,
     .infer = infer_like_first},
};

}  // namespace

OpFamily normalization_family() { return {"normalization", "Brings numbers to a common mean and width.", kOps}; }

}  // namespace narrowcast::ops

#include <algorithm>

#include "base/math/sqrt.h"
#include "ops/axes.h"
#include "ops/elementwise.h"
#include "ops/lane.h"
#include "ops/lift.h"
#include "ops/normalization/normalization_eval.h"

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

constexpr int kAlwaysSpatial = 9;

// Inference: (x - mean) / sqrt(variance + epsilon) * scale + shift.
std::optional<ChannelAffine> batch_affine(const AffineQuery& query) {
  const RawOp& op = query.op;
  if (query.slot != 0 || query.axis != 1 || query.constants.size() < 5 || op.int_or("training_mode", 0) != 0) {
    return std::nullopt;
  }
  if (op.version < kAlwaysSpatial && op.int_or("spatial", 1) == 0) return std::nullopt;
  for (std::size_t i = 1; i < 5; ++i) {
    const Tensor* constant = query.constants[i];
    if (constant == nullptr || constant->dtype != DType::f32 || constant->count() != query.channels)
      return std::nullopt;
  }
  const auto epsilon = static_cast<double>(op.float_or("epsilon", 1e-5F));
  ChannelAffine affine;
  for (std::size_t i = 0; i < query.channels; ++i) {
    const auto parameter = [&](std::size_t slot) { return static_cast<double>(query.constants[slot]->as<float>()[i]); };
    const double factor = parameter(1) / math::sqrt(parameter(4) + epsilon);
    affine.scale.push_back(static_cast<float>(factor));
    affine.shift.push_back(static_cast<float>(parameter(2) - parameter(3) * factor));
  }
  return affine;
}

// y = x * scale[c] + shift[c], in memory order.
Status eval_batch(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  if (x.dtype != DType::f32) return fail(ErrorCode::malformed, "BatchNormalization: the operand is no float.");
  const std::size_t channels = x.rank() > 1 ? static_cast<std::size_t>(x.shape[1]) : 1;
  const auto affine = batch_affine({ctx.op(), ctx.operands(), 0, x.rank(), 1, channels});
  if (!affine) return fail(ErrorCode::unsupported, "BatchNormalization: this form of it does not run here.");
  const bool last = x.layout == Layout::channels_last && x.rank() > 2;
  const std::size_t images = x.shape.empty() ? 1 : static_cast<std::size_t>(x.shape[0]);
  const std::size_t pixels = x.count() == 0 ? 0 : x.count() / (images * channels);
  const Shape in_memory =
      last ? Shape{static_cast<int64_t>(images * pixels), static_cast<int64_t>(channels)}
           : Shape{static_cast<int64_t>(images), static_cast<int64_t>(channels), static_cast<int64_t>(pixels)};
  const Shape by_axis = last ? Shape{static_cast<int64_t>(channels)} : Shape{static_cast<int64_t>(channels), 1};
  const auto view = [](const Shape& shape, const float* data) {
    return Tensor{DType::f32, Layout::plain, shape, {}, reinterpret_cast<const uint8_t*>(data)};
  };
  const float* from = x.as<float>();
  NC_TRY(Tensor* const y, ctx.make_over(0, 0));
  const Tensor result = view(in_memory, y->as<float>());
  NC_CHECK(apply_binary(kernels::BinaryKind::mul, view(in_memory, from), view(by_axis, affine->scale.data()), result));
  return apply_binary(kernels::BinaryKind::add, result, view(by_axis, affine->shift.data()), result);
}

// Statistics of rows along the last axis, then the sum of all that was added.
Status infer_skip(InferContext& ctx) {
  NC_CHECK(infer_like_first(ctx));
  const Shape* x = ctx.shape(0);
  for (const std::size_t slot : {std::size_t{1}, std::size_t{2}}) {
    if (x == nullptr || x->empty()) {
      ctx.set(slot, DType::f32, std::nullopt);
      continue;
    }
    Shape statistics = *x;
    statistics.back() = 1;
    ctx.set(slot, DType::f32, std::move(statistics));
  }
  ctx.set(3, ctx.dtype(0), ctx.operand(0).type.shape);
  return {};
}

template <auto eval>
constexpr OpDef follow(std::string_view type, int first, int last) {
  return {.domain = "",
          .type = type,
          .first_version = first,
          .last_version = last,
          .infer = infer_like_first,
          .eval = eval,
          .layouts = Layouts::follow};
}
constexpr OpDef layer(std::string_view domain, std::string_view type, int first, int last) {
  return {.domain = domain,
          .type = type,
          .first_version = first,
          .last_version = last,
          .infer = infer_layer,
          .eval = eval_layer_norm};
}
constexpr OpDef with_float_results(OpDef op, uint8_t results) {
  op.float_results = results;
  return op;
}
constexpr OpDef skip(std::string_view type) {
  return {.domain = kMicrosoftDomain, .type = type, .infer = infer_skip, .eval = eval_skip_layer_norm};
}
template <auto eval>
constexpr OpDef tflite(std::string_view type, int last) {
  return {.domain = kTfliteDomain,
          .type = type,
          .first_version = 1,
          .last_version = last,
          .infer = infer_like_first,
          .eval = eval};
}

// Without `spatial` every place has parameters of its own: as many channels of size 1.
//   s = Shape(x), y = Reshape(op(Flatten(x), the parameters as lists), s)
Status lift_spatial(LiftContext& ctx) {
  const bool by_channel = ctx.op().int_or("spatial", 1) != 0;
  ctx.drop_attribute("spatial");
  if (by_channel) return {};
  if (ctx.node().inputs.size() < 5) return fail(ErrorCode::unsupported, "it has not its five operands");
  const DType dtype = ctx.operand(0).type.dtype;
  const ValueId input = ctx.node().inputs[0];
  const ValueId shape = ctx.insert("Shape", {input}, {}, {DType::i64, Shape{kUnknownDim}});
  const TensorType flat{dtype, Shape{kUnknownDim, kUnknownDim}};
  ctx.set_operand(0, ctx.insert("Flatten", {input}, {}, flat));
  const ValueId list = ctx.add_ints("list", {-1});
  for (std::size_t slot = 1; slot < 5; ++slot) {
    const TensorType type{dtype, Shape{kUnknownDim}};
    ctx.set_operand(slot, ctx.insert("Reshape", {ctx.node().inputs[slot], list}, {}, type));
  }
  ctx.append(0, flat, "Reshape", {shape}, {});
  return {};
}

constexpr LiftStep kBatchLifts[] = {{kAlwaysSpatial, lift_spatial}};

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "BatchNormalization",
     .first_version = 1,
     .last_version = 15,
     .infer = infer_batch,
     .rule = batch_rule,
     .eval = eval_batch,
     .layouts = Layouts::follow,
     .affine = batch_affine,
     .lifts = kBatchLifts,
     .half_since = kNeverHalf},
    follow<eval_group_norm>("GroupNormalization", 18, 21),
    follow<eval_group_norm>("InstanceNormalization", 1, 22),
    follow<eval_lrn>("LRN", 1, 13),
    // Exporters write it into models of older opsets too.
    with_float_results(layer("", "LayerNormalization", 1, 17), 0b110),
    follow<eval_lp_norm>("LpNormalization", 1, 22),
    follow<eval_mean_variance>("MeanVarianceNormalization", 9, 13),
    layer("", "RMSNormalization", 23, 23),
    layer("", "SimplifiedLayerNormalization", 1, 1),
    layer(kMicrosoftDomain, "LayerNormalization", 1, 1),
    layer(kMicrosoftDomain, "SimplifiedLayerNormalization", 1, 1),
    skip("SkipLayerNormalization"),
    skip("SkipSimplifiedLayerNormalization"),
    tflite<eval_lp_norm>("L2_NORMALIZATION", 2),
    tflite<eval_lrn>("LOCAL_RESPONSE_NORMALIZATION", 1),
};

}  // namespace

OpFamily normalization_family() { return {"normalization", "Brings numbers to a common mean and width.", kOps}; }

}  // namespace narrowcast::ops

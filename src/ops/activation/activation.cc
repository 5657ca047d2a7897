#include <algorithm>
#include <limits>

#include "ops/binary/binary_eval.h"
#include "ops/elements.h"
#include "ops/elementwise.h"

namespace narrowcast::ops {
namespace {

// The slopes multiply, but are few: they flow as data.
Rule slope_rule(const RuleQuery&) { return {{{Role::data, {}}, {Role::data, {}}}}; }

using kernels::UnaryKind;

// A kind with its parameters, and no more.
std::optional<Lane> lane(UnaryKind kind, float a = 0, float b = 0) { return Lane{.unary = kind, .params = {a, b}}; }

constexpr float kOpen = std::numeric_limits<float>::infinity();

// Defaults of attributes are the specification's.
std::optional<Lane> celu(const LaneQuery& q) { return lane(UnaryKind::celu, q.op.float_or("alpha", 1)); }
std::optional<Lane> elu(const LaneQuery& q) { return lane(UnaryKind::elu, q.op.float_or("alpha", 1)); }
std::optional<Lane> selu(const LaneQuery& q) {
  return lane(UnaryKind::selu, q.op.float_or("alpha", 1.67326319217681884765625F),
              q.op.float_or("gamma", 1.05070102214813232421875F));
}
std::optional<Lane> gelu(const LaneQuery& q) {
  const bool tanh = q.op.string_or("approximate", "none") == "tanh" || q.op.int_or("approximate", 0) != 0;
  return lane(tanh ? UnaryKind::gelu_tanh : UnaryKind::gelu_erf);
}
// com.microsoft: with a bias it is no function of one operand.
std::optional<Lane> fast_gelu(const LaneQuery& q) {
  return q.operands.size() > 1 && q.operands[1] != nullptr ? std::nullopt : lane(UnaryKind::gelu_tanh);
}
std::optional<Lane> quick_gelu(const LaneQuery& q) {
  return lane(UnaryKind::quick_gelu, q.op.float_or("alpha", 1.702F));
}
std::optional<Lane> swish(const LaneQuery& q) { return lane(UnaryKind::quick_gelu, q.op.float_or("alpha", 1)); }
std::optional<Lane> hard_sigmoid(const LaneQuery& q) {
  return lane(UnaryKind::hard_sigmoid, q.op.float_or("alpha", 0.2F), q.op.float_or("beta", 0.5F));
}
std::optional<Lane> hard_swish(const LaneQuery&) { return lane(UnaryKind::hard_swish); }
std::optional<Lane> leaky_relu(const LaneQuery& q) {
  const bool tflite = q.op.domain == kTfliteDomain;
  return lane(UnaryKind::leaky_relu, q.op.float_or("alpha", tflite ? 0.0F : 0.01F));
}
std::optional<Lane> mish(const LaneQuery&) { return lane(UnaryKind::mish); }
std::optional<Lane> sigmoid(const LaneQuery&) { return lane(UnaryKind::sigmoid); }
std::optional<Lane> softplus(const LaneQuery&) { return lane(UnaryKind::softplus); }
std::optional<Lane> softsign(const LaneQuery&) { return lane(UnaryKind::softsign); }
std::optional<Lane> tanh(const LaneQuery&) { return lane(UnaryKind::tanh); }
std::optional<Lane> thresholded_relu(const LaneQuery& q) {
  return lane(UnaryKind::thresholded_relu, q.op.float_or("alpha", 1));
}
std::optional<Lane> relu(const LaneQuery&) { return lane(UnaryKind::clamp, 0, kOpen); }
std::optional<Lane> relu6(const LaneQuery&) { return lane(UnaryKind::clamp, 0, 6); }
std::optional<Lane> relu_0_to_1(const LaneQuery&) { return lane(UnaryKind::clamp, 0, 1); }
std::optional<Lane> relu_n1_to_1(const LaneQuery&) { return lane(UnaryKind::clamp, -1, 1); }

// Integers too since opset 14.
Status eval_relu(EvalContext& ctx) {
  if (ctx.operand(0).dtype == DType::f32) return eval_lane<relu>(ctx);
  NC_TRY(Tensor* const y, ctx.make(0));
  const Tensor& x = ctx.operand(0);
  for (std::size_t i = 0; i < x.count(); ++i) store_int(*y, i, std::max<int64_t>(load_int(x, i), 0));
  return {};
}

// x < -lambd: x + bias; x > lambd: x - bias; otherwise 0. Any type.
Status eval_shrink(EvalContext& ctx) {
  NC_TRY(Tensor* const y, ctx.make(0));
  const auto bias = static_cast<double>(ctx.op().float_or("bias", 0));
  const auto lambd = static_cast<double>(ctx.op().float_or("lambd", 0.5F));
  for (std::size_t i = 0; i < y->count(); ++i) {
    const double x = load_real(ctx.operand(0), i);
    store_real(*y, i, x < -lambd ? x + bias : x > lambd ? x - bias : x != x ? x : 0.0);
  }
  return {};
}

// The bias has one entry for the last axis.
Status eval_fast_gelu(EvalContext& ctx) {
  if (!ctx.present(1)) return eval_lane<fast_gelu>(ctx);
  NC_TRY(Tensor* const y, ctx.make(0));
  NC_CHECK(apply_binary(kernels::BinaryKind::add, ctx.operand(0), ctx.operand(1), *y));
  kernels::unary_f32(UnaryKind::gelu_tanh)(y->as<float>(), y->writable<float>(), y->count(), {});
  return {};
}

Status eval_bias_gelu(EvalContext& ctx) {
  if (!ctx.present(1) || ctx.operand(0).dtype != DType::f32 || ctx.operand(1).dtype != DType::f32) {
    return fail(ErrorCode::unsupported, "BiasGelu without a bias, or of others than floats, does not run here.");
  }
  const Shape& x = ctx.operand(0).shape;
  if (x.empty() || ctx.operand(1).shape != Shape{x.back()}) {
    return fail(ErrorCode::malformed, "BiasGelu: the bias does not fit the last axis.");
  }
  NC_TRY(Tensor* const y, ctx.make(0));
  NC_CHECK(apply_binary(kernels::BinaryKind::add, ctx.operand(0), ctx.operand(1), *y));
  kernels::unary_f32(UnaryKind::gelu_erf)(y->as<float>(), y->writable<float>(), y->count(), {});
  return {};
}

template <auto function>
constexpr OpDef onnx(std::string_view type, int first, int last, std::string_view domain = "") {
  return {.domain = domain,
          .type = type,
          .first_version = first,
          .last_version = last,
          .infer = infer_like_first,
          .eval = eval_lane<function>,
          .layouts = Layouts::follow,
          .lane = function};
}
template <auto function>
constexpr OpDef tflite(std::string_view type, int last) {
  return onnx<function>(type, 1, last, kTfliteDomain);
}
constexpr OpDef prelu(std::string_view domain, std::string_view type, int last) {
  return {.domain = domain,
          .type = type,
          .first_version = 1,
          .last_version = last,
          .infer = infer_like_first,
          .rule = slope_rule,
          .eval = eval_binary,
          .layouts = Layouts::follow,
          .lane = binary_lane};
}

constexpr OpDef within(float min, float max, OpDef op) {
  op.bounds = Interval{min, max};
  return op;
}

constexpr OpDef kOps[] = {
    with_half_since(onnx<celu>("Celu", 12, 12), kNeverHalf),
    onnx<elu>("Elu", 1, 22),
    onnx<gelu>("Gelu", 20, 20),
    within(0, 1, onnx<hard_sigmoid>("HardSigmoid", 1, 22)),
    onnx<hard_swish>("HardSwish", 14, 22),
    onnx<leaky_relu>("LeakyRelu", 1, 16),
    onnx<mish>("Mish", 18, 22),
    prelu("", "PRelu", 16),
    {.domain = "",
     .type = "Relu",
     .first_version = 1,
     .last_version = 14,
     .infer = infer_like_first,
     .eval = eval_relu,
     .layouts = Layouts::follow,
     .lane = relu},
    onnx<selu>("Selu", 1, 22),
    {.domain = "",
     .type = "Shrink",
     .first_version = 9,
     .last_version = 9,
     .infer = infer_like_first,
     .eval = eval_shrink,
     .floats = Floats::f32_f64,
     .layouts = Layouts::follow},
    within(0, 1, onnx<sigmoid>("Sigmoid", 1, 13)),
    onnx<softplus>("Softplus", 1, 22),
    within(-1, 1, onnx<softsign>("Softsign", 1, 22)),
    onnx<swish>("Swish", 24, 24),
    within(-1, 1, onnx<tanh>("Tanh", 1, 13)),
    onnx<thresholded_relu>("ThresholdedRelu", 10, 22),
    {.domain = kMicrosoftDomain,
     .type = "FastGelu",
     .infer = infer_like_first,
     .eval = eval_fast_gelu,
     .lane = fast_gelu},
    {.domain = kMicrosoftDomain, .type = "BiasGelu", .infer = infer_like_first, .eval = eval_bias_gelu},
    onnx<gelu>("Gelu", 1, 1, kMicrosoftDomain),
    onnx<quick_gelu>("QuickGelu", 1, 1, kMicrosoftDomain),
    tflite<elu>("ELU", 1),
    tflite<gelu>("GELU", 2),
    tflite<hard_swish>("HARD_SWISH", 1),
    tflite<leaky_relu>("LEAKY_RELU", 2),
    within(0, 1, tflite<sigmoid>("LOGISTIC", 3)),
    prelu(kTfliteDomain, "PRELU", 1),
    tflite<relu>("RELU", 3),
    tflite<relu6>("RELU6", 3),
    tflite<relu_0_to_1>("RELU_0_TO_1", 1),
    tflite<relu_n1_to_1>("RELU_N1_TO_1", 1),
    within(-1, 1, tflite<tanh>("TANH", 3)),
};

}  // namespace

OpFamily activation_family() { return {"activation", "Nonlinear functions between layers.", kOps}; }

}  // namespace narrowcast::ops

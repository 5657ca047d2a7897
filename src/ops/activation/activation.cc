#include "ops/elementwise.h"

namespace narrowcast::ops {
namespace {

// The slopes multiply, but are few: they flow as data.
Rule slope_rule(const RuleQuery&) { return {{{Role::data, {}}, {Role::data, {}}}}; }

constexpr OpDef onnx(std::string_view type, int first, int last) {
  return {.domain = "", .type = type, .first_version = first, .last_version = last, .infer = infer_like_first};
}
constexpr OpDef tflite(std::string_view type, int last) {
  return {.domain = kTfliteDomain, .type = type, .first_version = 1, .last_version = last, .infer = infer_like_first};
}

constexpr OpDef kOps[] = {
    onnx("Celu", 12, 12),
    onnx("Elu", 1, 22),
    onnx("Gelu", 20, 20),
    onnx("HardSigmoid", 1, 22),
    onnx("HardSwish", 14, 22),
    onnx("LeakyRelu", 1, 16),
    onnx("Mish", 18, 22),
    {.domain = "",
     .type = "PRelu",
     .first_version = 1,
     .last_version = 16,
     .infer = infer_like_first,
     .rule = slope_rule},
    onnx("Relu", 1, 14),
    onnx("Selu", 1, 22),
    onnx("Shrink", 9, 9),
    onnx("Sigmoid", 1, 13),
    onnx("Softplus", 1, 22),
    onnx("Softsign", 1, 22),
    onnx("Swish", 24, 24),
    onnx("Tanh", 1, 13),
    onnx("ThresholdedRelu", 10, 22),
    {.domain = kMicrosoftDomain, .type = "FastGelu", .infer = infer_like_first},
    {.domain = kMicrosoftDomain, .type = "Gelu", .infer = infer_like_first},
    {.domain = kMicrosoftDomain, .type = "QuickGelu", .infer = infer_like_first},
    tflite("ELU", 1),
    tflite("GELU", 2),
    tflite("HARD_SWISH", 1),
    tflite("LEAKY_RELU", 2),
    tflite("LOGISTIC", 3),
    {.domain = kTfliteDomain,
     .type = "PRELU",
     .first_version = 1,
     .last_version = 1,
     .infer = infer_like_first,
     .rule = slope_rule},
    tflite("RELU", 3),
    tflite("RELU6", 3),
    tflite("RELU_0_TO_1", 1),
    tflite("RELU_N1_TO_1", 1),
    tflite("TANH", 3),
};

}  // namespace

OpFamily activation_family() { return {"activation", "Nonlinear functions between layers.", kOps}; }

}  // namespace narrowcast::ops

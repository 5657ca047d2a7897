#include "ops/elementwise.h"
#include "ops/softmax/softmax_eval.h"
#include "ops/softmax/softmax_lift.h"

namespace narrowcast::ops {
namespace {

constexpr LiftStep kLifts[] = {{13, lift_to_one_axis}};

// Before opset 13 the axes from `axis` on count as one, since 13 the op works along one axis. The shape is the same.
constexpr OpDef onnx(std::string_view type) {
  return {.domain = "",
          .type = type,
          .first_version = 1,
          .last_version = 13,
          .infer = infer_like_first,
          .eval = eval_softmax,
          .floats = Floats::f32_f64,
          .layouts = Layouts::follow,
          .lifts = kLifts};
}
constexpr OpDef tflite(std::string_view type, int last) {
  return {.domain = kTfliteDomain,
          .type = type,
          .first_version = 1,
          .last_version = last,
          .infer = infer_like_first,
          .eval = eval_softmax};
}

constexpr OpDef is_share(OpDef op) {
  op.bounds = Interval{0, 1};
  return op;
}

constexpr OpDef kOps[] = {
    is_share(onnx("Hardmax")),      onnx("LogSoftmax"), is_share(onnx("Softmax")), tflite("LOG_SOFTMAX", 2),
    is_share(tflite("SOFTMAX", 3)),
};

}  // namespace

OpFamily softmax_family() { return {"softmax", "Makes a distribution of scores.", kOps}; }

}  // namespace narrowcast::ops

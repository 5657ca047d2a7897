#include "ops/control/control_eval.h"
#include "ops/lift.h"

namespace narrowcast::ops {
namespace {

// What a body gives is known only when it has run: the declared types stand.
Status infer_nothing(InferContext&) { return {}; }

// The condition decides, it is no quantity.
Rule condition_rule(const RuleQuery&) { return {{{Role::plain, {}}}}; }
Rule loop_rule(const RuleQuery&) { return {{{Role::plain, {}}, {Role::plain, {}}}}; }

constexpr OpDef onnx(std::string_view type, int first, Rule (*rule)(const RuleQuery&), Status (*eval)(EvalContext&)) {
  return {.domain = "",
          .type = type,
          .first_version = first,
          .last_version = 23,
          .infer = infer_nothing,
          .rule = rule,
          .eval = eval,
          .floats = Floats::all,
          .half_since = kNeverHalf};
}
constexpr OpDef tflite(std::string_view type, Rule (*rule)(const RuleQuery&), Status (*eval)(EvalContext&)) {
  return {.domain = kTfliteDomain,
          .type = type,
          .first_version = 1,
          .last_version = 1,
          .infer = infer_nothing,
          .rule = rule,
          .eval = eval,
          .floats = Floats::all};
}

Status refuse_batches(LiftContext&) {
  return fail(ErrorCode::unsupported, "before opset 9 it runs batches of sequences");
}

constexpr LiftStep kScanLifts[] = {{9, refuse_batches}};

constexpr OpDef kOps[] = {
    onnx("If", 1, condition_rule, eval_if),
    onnx("Loop", 1, loop_rule, eval_loop),
    with_lifts(onnx("Scan", 8, nullptr, eval_scan), kScanLifts),
    tflite("CALL_ONCE", nullptr, nullptr),
    tflite("IF", condition_rule, eval_if_tflite),
    tflite("WHILE", nullptr, eval_while),
    tflite("STABLEHLO_COMPOSITE", nullptr, eval_composite),
};

}  // namespace

OpFamily control_family() { return {"control", "Ops that run other graphs.", kOps}; }

}  // namespace narrowcast::ops

#include "ops/op.h"

namespace narrowcast::ops {
namespace {

// What a body gives is known only when it has run: the declared types stand.
Status infer_nothing(InferContext&) { return {}; }

// The condition decides, it is no quantity.
Rule condition_rule(const RuleQuery&) { return {{{Role::plain, {}}}}; }
Rule loop_rule(const RuleQuery&) { return {{{Role::plain, {}}, {Role::plain, {}}}}; }

constexpr OpDef tflite(std::string_view type) {
  return {.domain = kTfliteDomain, .type = type, .first_version = 1, .last_version = 1, .infer = infer_nothing};
}

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "If",
     .first_version = 1,
     .last_version = 23,
     .infer = infer_nothing,
     .rule = condition_rule},
    {.domain = "", .type = "Loop", .first_version = 1, .last_version = 23, .infer = infer_nothing, .rule = loop_rule},
    {.domain = "", .type = "Scan", .first_version = 8, .last_version = 23, .infer = infer_nothing},
    tflite("CALL_ONCE"),
    {.domain = kTfliteDomain,
     .type = "IF",
     .first_version = 1,
     .last_version = 1,
     .infer = infer_nothing,
     .rule = condition_rule},
    tflite("WHILE"),
};

}  // namespace

OpFamily control_family() { return {"control", "Ops that run other graphs.", kOps}; }

}  // namespace narrowcast::ops

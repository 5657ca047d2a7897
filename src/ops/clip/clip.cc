#include "ops/elementwise.h"

namespace narrowcast::ops {
namespace {

// The bounds are attributes before opset 11. A runtime fuses them into the op before only while they stay exact.
Rule clip_rule(const RuleQuery&) { return {{{Role::data, {}}, {Role::plain, {}}, {Role::plain, {}}}}; }

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Clip",
     .first_version = 1,
     .last_version = 13,
     .infer = infer_like_first,
     .rule = clip_rule},
};

}  // namespace

OpFamily clip_family() { return {"clip", "Keeps numbers between two bounds.", kOps}; }

}  // namespace narrowcast::ops

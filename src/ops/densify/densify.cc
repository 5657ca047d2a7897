#include "ops/elementwise.h"

namespace narrowcast::ops {
namespace {

// Not a view: a sparse constant behind it stays as the file stores it, in float.
constexpr OpDef kOps[] = {
    {.domain = kTfliteDomain, .type = "DENSIFY", .first_version = 1, .last_version = 1, .infer = infer_like_first},
};

}  // namespace

OpFamily densify_family() { return {"densify", "Spells out the zeros of a sparse constant.", kOps}; }

}  // namespace narrowcast::ops

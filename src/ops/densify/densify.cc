#include "ops/elementwise.h"
#include "ops/eval.h"

namespace narrowcast::ops {
namespace {

// The executor hands in elements that are spelt out already.
Status eval_densify(EvalContext& ctx) {
  ctx.share(0, ctx.operand(0), ctx.operand(0).shape);
  return {};
}

// Not a view: a sparse constant behind it stays as the file stores it, in float.
constexpr OpDef kOps[] = {
    {.domain = kTfliteDomain,
     .type = "DENSIFY",
     .first_version = 1,
     .last_version = 1,
     .infer = infer_like_first,
     .eval = eval_densify,
     .floats = Floats::all},
};

}  // namespace

OpFamily densify_family() { return {"densify", "Spells out the zeros of a sparse constant.", kOps}; }

}  // namespace narrowcast::ops

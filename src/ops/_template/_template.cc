// A new op in ten minutes: copy this folder to src/ops/<name>, rename the file and `_template_family` to match, and
// describe the op. It is then in `describe`, in the planner and in the tests; no list needs an entry.
#include "ops/op.h"

namespace narrowcast::ops {
namespace {

// Results' types and shapes, from the operands'. Here: one result, like the first operand.
Status infer(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), ctx.operand(0).type.shape);
  return {};
}

constexpr OpDef kOps[] = {
    {.domain = "com.example", .type = "Template", .first_version = 1, .last_version = 1, .infer = infer},
};

}  // namespace

OpFamily _template_family() { return {"_template", "A template: shows what a folder holds.", kOps}; }

}  // namespace narrowcast::ops

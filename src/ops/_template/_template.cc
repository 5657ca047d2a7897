// A new op in ten minutes: copy this folder to src/ops/<name>, rename the file and `_template_family` to match, and
// describe the op. It is then in `describe`, in the planner and in the tests; no list needs an entry.
#include <cstring>

#include "ops/eval.h"

namespace narrowcast::ops {
namespace {

// Results' types and shapes, from the operands'. Here: one result, like the first operand.
Status infer(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), ctx.operand(0).type.shape);
  return {};
}

// The elements. Here: the operand's own, of any type, however they lie in memory.
Status eval(EvalContext& ctx) {
  NC_TRY(Tensor* const y, ctx.make(0));
  std::memcpy(y->writable<uint8_t>(), ctx.operand(0).data, y->bytes());
  return {};
}

constexpr OpDef kOps[] = {
    {.domain = "com.example",
     .type = "Template",
     .first_version = 1,
     .last_version = 1,
     .infer = infer,
     .eval = eval,
     .floats = Floats::all,
     .layouts = Layouts::follow},
};

}  // namespace

OpFamily _template_family() { return {"_template", "A template: shows what a folder holds.", kOps}; }

}  // namespace narrowcast::ops

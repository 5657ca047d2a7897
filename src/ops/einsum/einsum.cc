#include "ops/einsum/einsum_eval.h"
#include "ops/einsum/equation.h"

namespace narrowcast::ops {
namespace {

Status infer_einsum(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < ctx.operand_count(); ++i) {
    if (ctx.shape(i) == nullptr) return {};
    shapes.push_back(*ctx.shape(i));
  }
  NC_TRY(const Equation equation, read_equation(ctx.op().string_or("equation", ""), shapes));
  Shape out;
  for (const Label label : equation.result) out.push_back(equation.sizes.at(label));
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Einsum",
     .first_version = 12,
     .last_version = 12,
     .infer = infer_einsum,
     .eval = eval_einsum,
     .floats = Floats::f32_f64},
};

}  // namespace

OpFamily einsum_family() { return {"einsum", "Sums of products along named axes.", kOps}; }

}  // namespace narrowcast::ops

#include <numeric>

#include "ops/op.h"

namespace narrowcast::ops {
namespace {

Status infer(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), ctx.operand(0).type.shape);
  if (const auto* ints = ctx.ints(0)) ctx.set_ints(0, *ints);
  return {};
}

std::optional<std::vector<int>> view(const RawOp&, int rank) {
  if (rank < 0) return std::nullopt;
  std::vector<int> axes(static_cast<std::size_t>(rank));
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

constexpr OpDef kOps[] = {
    {.domain = "", .type = "Identity", .first_version = 1, .last_version = 21, .infer = infer, .view = view},
    {.domain = "", .type = "Dropout", .first_version = 1, .last_version = 22, .infer = infer},
};

}  // namespace

OpFamily identity_family() { return {"identity", "Passes its operand on.", kOps}; }

}  // namespace narrowcast::ops

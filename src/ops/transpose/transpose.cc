#include <numeric>

#include "ops/axes.h"

namespace narrowcast::ops {
namespace {

// ONNX's default reverses the axes. Nothing when `perm` is not a permutation of the rank's axes.
std::optional<std::vector<int>> permutation(std::vector<int64_t> perm, int rank) {
  if (rank < 0) return std::nullopt;
  if (perm.empty()) {
    for (int i = rank; i > 0; --i) perm.push_back(i - 1);
  }
  if (perm.size() != static_cast<std::size_t>(rank)) return std::nullopt;
  std::vector<bool> seen(perm.size(), false);
  std::vector<int> axes;
  for (int64_t axis : perm) {
    if (axis < 0) axis += rank;
    if (axis < 0 || axis >= rank || seen[static_cast<std::size_t>(axis)]) return std::nullopt;
    seen[static_cast<std::size_t>(axis)] = true;
    axes.push_back(static_cast<int>(axis));
  }
  return axes;
}

Status infer_with(InferContext& ctx, std::vector<int64_t> perm) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  const auto axes = permutation(std::move(perm), static_cast<int>(x->size()));
  if (!axes) return fail(ErrorCode::malformed, "Transpose: perm does not fit the shape " + shape_text(*x) + ".");
  Shape out;
  for (const int axis : *axes) out.push_back((*x)[static_cast<std::size_t>(axis)]);
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

Status infer_onnx(InferContext& ctx) { return infer_with(ctx, ctx.op().ints("perm")); }

Status infer_tflite(InferContext& ctx) {
  const auto* perm = ctx.ints(1);
  if (perm != nullptr) return infer_with(ctx, *perm);
  const Shape* x = ctx.shape(0);
  ctx.set(0, ctx.dtype(0), x != nullptr ? std::optional(unknown_sizes(x->size())) : std::nullopt);
  return {};
}

std::optional<std::vector<int>> view_onnx(const RawOp& op, int rank) { return permutation(op.ints("perm"), rank); }

constexpr OpDef kOps[] = {
    {.domain = "", .type = "Transpose", .first_version = 1, .last_version = 23, .infer = infer_onnx, .view = view_onnx},
    {.domain = kTfliteDomain, .type = "TRANSPOSE", .first_version = 1, .last_version = 6, .infer = infer_tflite},
};

}  // namespace

OpFamily transpose_family() { return {"transpose", "Permutes axes.", kOps}; }

}  // namespace narrowcast::ops

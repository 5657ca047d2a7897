#include <numeric>

#include "kernels/permute/permute.h"
#include "ops/axes.h"
#include "ops/box.h"

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

// A permutation that leaves the bytes where they are costs nothing, as between a channels_last image and its NHWC form.
Status permute(EvalContext& ctx, std::vector<int64_t> perm) {
  const Tensor& x = ctx.operand(0);
  const auto axes = permutation(std::move(perm), static_cast<int>(x.rank()));
  if (!axes) return fail(ErrorCode::malformed, "Transpose: perm does not fit the shape " + shape_text(x.shape) + ".");
  const std::vector<int64_t> old = strides_of(x.shape, x.layout);
  std::vector<int64_t> strides;
  for (const int axis : *axes) strides.push_back(old[static_cast<std::size_t>(axis)]);
  NC_TRY(const bool stays, share_view(ctx, 0, x, 0, strides));
  if (stays) return {};
  NC_TRY(const unsigned width, element_width(ctx.op(), x.dtype));
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  NC_TRY(Tensor* const y, ctx.make(0, x.dtype, shape));
  const Shape lying = memory_shape(x.shape, x.layout);
  const std::vector<std::size_t> sizes(lying.begin(), lying.end());
  std::vector<std::size_t> order;
  for (const int axis : *axes) order.push_back(memory_axis(static_cast<std::size_t>(axis), x.rank(), x.layout));
  if (width <= 8 && kernels::permute(x.data, width, sizes, order, y->writable<uint8_t>())) return {};
  return take_view(ctx, 0, x, 0, strides, Layout::plain);
}

Status eval_onnx(EvalContext& ctx) { return permute(ctx, ctx.op().ints("perm")); }
Status eval_tflite(EvalContext& ctx) { return permute(ctx, ctx.ints(1)); }

std::optional<std::vector<int>> view_onnx(const RawOp& op, int rank) { return permutation(op.ints("perm"), rank); }

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Transpose",
     .first_version = 1,
     .last_version = 23,
     .infer = infer_onnx,
     .view = view_onnx,
     .eval = eval_onnx,
     .floats = Floats::all,
     .layouts = Layouts::follow},
    {.domain = kTfliteDomain,
     .type = "TRANSPOSE",
     .first_version = 1,
     .last_version = 6,
     .infer = infer_tflite,
     .eval = eval_tflite,
     .floats = Floats::all},
};

}  // namespace

OpFamily transpose_family() { return {"transpose", "Permutes axes.", kOps}; }

}  // namespace narrowcast::ops

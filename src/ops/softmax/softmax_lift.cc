#include "ops/softmax/softmax_lift.h"

#include <algorithm>

namespace narrowcast::ops {
namespace {

// The only axis from `first` on that has more than one entry, the last one when none has; nothing when there are more.
std::optional<std::size_t> only_axis(const Shape& shape, std::size_t first) {
  std::optional<std::size_t> found;
  for (std::size_t i = first; i < shape.size(); ++i) {
    if (shape[i] == 1) continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found ? found : std::optional(shape.size() - 1);
}

}  // namespace

Status lift_to_one_axis(LiftContext& ctx) {
  const TensorType& x = ctx.operand(0).type;
  int64_t axis = ctx.op().int_or("axis", 1);
  if (axis < 0 && axis != -1) {
    if (!x.shape) return fail(ErrorCode::unsupported, "its axis is counted from a rank that is not known");
    axis += static_cast<int64_t>(x.shape->size());
  }
  if (axis == -1) {
    ctx.set_attribute("axis", int64_t{-1});
    return {};
  }
  if (x.shape && axis >= 0 && axis < static_cast<int64_t>(x.shape->size())) {
    if (const auto only = only_axis(*x.shape, static_cast<std::size_t>(axis))) {
      ctx.set_attribute("axis", static_cast<int64_t>(*only));
      return {};
    }
  }
  // A 0 would be taken for "as before" by Reshape.
  if (x.shape && std::ranges::count(*x.shape, 0) > 0) {
    return fail(ErrorCode::unsupported, "its operand has no elements");
  }
  const ValueId input = ctx.node().inputs[0];
  const ValueId shape = ctx.insert("Shape", {input}, {}, {DType::i64, Shape{kUnknownDim}});
  const TensorType flat{x.dtype, Shape{kUnknownDim, kUnknownDim}};
  ctx.set_operand(0, ctx.insert("Flatten", {input}, {{"axis", axis}}, flat));
  ctx.set_attribute("axis", int64_t{-1});
  ctx.append(0, flat, "Reshape", {shape}, {});
  return {};
}

}  // namespace narrowcast::ops

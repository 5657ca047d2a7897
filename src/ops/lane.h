// Ops that compute each float32 element of their result from the same element of their operands: what the executor
// joins to the node before them.
#pragma once

#include <optional>

#include "kernels/lanes/binary.h"
#include "kernels/lanes/gate.h"
#include "kernels/lanes/unary.h"
#include "ops/eval.h"

namespace narrowcast::ops {

// Whether it lets every number pass.
inline bool is_open(kernels::Clamp clamp) { return clamp.lo == kernels::Clamp{}.lo && clamp.hi == kernels::Clamp{}.hi; }

// Either `unary` or `gate` on operand 0, or `binary` on operands 0 and 1; then the clamp.
struct Lane {
  std::optional<kernels::UnaryKind> unary;
  kernels::LaneParams params;
  std::optional<kernels::BinaryKind> binary;
  kernels::Clamp after;
  std::optional<kernels::Gate> gate;  // of no op's own: the executor makes it of several
};

// Operand of a lane: one float for each of the result's, or one for all.
struct LaneFloats {
  const float* at = nullptr;
  bool steps = true;
};
// `count` floats by a lane; `to` may be an operand that steps. `b` is read by binary lanes. Not both stand still unless
// `count` is 1.
void run_lane(const Lane& lane, LaneFloats a, LaneFloats b, float* to, std::size_t count);

// `operands` by slot; null where absent or not known yet. Bounds and slopes that stand in operands are read there.
struct LaneQuery {
  const RawOp& op;
  std::span<const Tensor* const> operands;

  // The only element of a float32 operand; nothing when it is not at hand.
  [[nodiscard]] std::optional<float> scalar(std::size_t slot) const {
    const Tensor* tensor = slot < operands.size() ? operands[slot] : nullptr;
    if (tensor == nullptr || tensor->dtype != DType::f32 || tensor->count() != 1) return std::nullopt;
    return tensor->as<float>()[0];
  }
};

// Whether an op is y = x * scale[c] + shift[c], when the operand in `slot` is x and the others are constants.
struct AffineQuery {
  const RawOp& op;
  std::span<const Tensor* const> constants;  // by slot
  std::size_t slot;
  std::size_t rank;  // of x
  std::size_t axis;  // of x's channels
  std::size_t channels;
};

// The elements of a float32 constant that has one for all or one a channel, stretched to all channels. Nothing when it
// varies along another axis of a tensor of that rank.
std::optional<std::vector<float>> by_channel(const Tensor& constant, std::size_t rank, std::size_t axis,
                                             std::size_t channels);

// Whether and how an op reduces the last axis of its first operand to one of size 1.
struct RowFoldQuery {
  const RawOp& op;
  std::span<const Tensor* const> constants;  // by slot
  std::optional<std::size_t> rank;           // of the first operand, where it is known
};

// Errors: malformed, when the operand cannot be repeated to fill y.
Status check_stretch(const Tensor& from, const Tensor& y);
// Runs a unary lane on float32: result 0 from operand 0.
Status eval_unary_lane(EvalContext& ctx, const Lane& lane);
// Runs a binary lane on float32 tensors in memory order, `y` of the shape both stretch to. y may be one of them, when
// that one has y's shape.
// Errors: malformed, when an operand does not stretch to y, or one of the three is not float32.
Status apply_binary(kernels::BinaryKind kind, const Tensor& a, const Tensor& b, const Tensor& y);

// The eval of an op whose float32 elements a lane computes, and which takes nothing else.
template <auto lane>
Status eval_lane(EvalContext& ctx) {
  const std::optional<Lane> found = lane({ctx.op(), ctx.operands()});
  if (!found || ctx.operand(0).dtype != DType::f32) {
    return fail(ErrorCode::unsupported,
                ctx.op().type + " of " + std::string(dtype_name(ctx.operand(0).dtype)) + " does not run here.");
  }
  return eval_unary_lane(ctx, *found);
}

}  // namespace narrowcast::ops

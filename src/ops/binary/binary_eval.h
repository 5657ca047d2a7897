#pragma once

#include "ops/lane.h"

namespace narrowcast::ops {

// Two operands, or any number of one op after the other (Sum, Mean, Max, Min). Float32 through lanes, other types
// element by element. Errors: malformed for an integer divided by 0; unsupported for broadcasting before opset 7.
Status eval_binary(EvalContext& ctx);
std::optional<Lane> binary_lane(const LaneQuery& query);
// Add, Sub, Mul and Div by constants.
std::optional<ChannelAffine> binary_affine(const AffineQuery& query);

}  // namespace narrowcast::ops

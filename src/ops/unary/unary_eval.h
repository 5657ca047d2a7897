#pragma once

#include "ops/lane.h"

namespace narrowcast::ops {

// Float32 through lanes where there is one, otherwise through float64; integers where the op takes them.
Status eval_unary(EvalContext& ctx);
std::optional<Lane> unary_lane(const LaneQuery& query);
// Determinants of the matrices in the last two axes.
Status eval_det(EvalContext& ctx);

}  // namespace narrowcast::ops

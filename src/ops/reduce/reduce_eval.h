#pragma once

#include "ops/lane.h"

namespace narrowcast::ops {

// The opsets since which the axes stand in an operand: of ReduceSum, of the others.
inline constexpr int kReduceSumTakesAxes = 13;
inline constexpr int kOthersTakeAxes = 18;

// ONNX's Reduce* and TFLite's MEAN, SUM and REDUCE_*. Without an axis to reduce, what happens to each element still
// happens (ReduceSumSquare squares). Over nothing: sum 0, mean 0, product 1, the maximum the type's smallest number.
Status eval_reduce(EvalContext& ctx);
std::optional<kernels::ReduceKind> row_fold(const RowFoldQuery& query);

}  // namespace narrowcast::ops

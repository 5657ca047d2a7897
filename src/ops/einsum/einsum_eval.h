#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// Operands are taken in one by one, each by a product of matrices. Float32, float64, int32, int64 and unsigned.
Status eval_einsum(EvalContext& ctx);

}  // namespace narrowcast::ops

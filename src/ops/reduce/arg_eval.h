#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// ArgMax, ArgMin, ARG_MAX and ARG_MIN: the place of the largest or smallest along an axis, of equal ones the first, or
// the last with select_last_index. NaN counts as larger (smaller) than all else.
// Errors: malformed, when there is nothing along the axis.
Status eval_arg(EvalContext& ctx);

}  // namespace narrowcast::ops

#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

Status eval_depth_to_space(EvalContext& ctx);
Status eval_space_to_depth(EvalContext& ctx);
Status eval_space_to_batch(EvalContext& ctx);
Status eval_batch_to_space(EvalContext& ctx);

}  // namespace narrowcast::ops

#pragma once

#include "ops/op.h"

namespace narrowcast::ops {

// Sets the first result's integers where both operands' are known. Arithmetic wraps; a division by zero stays unknown.
void fold_binary(InferContext& ctx);

}  // namespace narrowcast::ops

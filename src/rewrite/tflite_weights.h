#pragma once

#include "rewrite/rewrite.h"

namespace narrowcast {

// The tensor holds the codes and its own scales; DEQUANTIZE widens it. Blocks are widened with scale 1, multiplied by
// their scales and reshaped: a tensor's own scales would cost 12 bytes each, its zero points being int64.
Status rewrite_tflite_weight(EditLog& log, const WeightPlan& plan, const NarrowedWeight& narrowed);

}  // namespace narrowcast

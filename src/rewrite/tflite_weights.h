#pragma once

#include "rewrite/rewrite.h"

namespace narrowcast {

// The tensor holds the codes and its own scales; DEQUANTIZE widens it. Blocks are rows of a [rows, block] tensor,
// brought back to the weight's shape by RESHAPE.
Status rewrite_tflite_weight(EditLog& log, const WeightPlan& plan, const NarrowedWeight& narrowed);

}  // namespace narrowcast

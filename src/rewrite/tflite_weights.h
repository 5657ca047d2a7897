#pragma once

#include "rewrite/rewrite.h"

namespace narrowcast {

// The tensor holds the codes and its own scales; DEQUANTIZE widens it. Blocks are widened with scale 1, multiplied by
// their scales and reshaped: a tensor's own scales would cost 12 bytes each, its zero points being int64.
Status rewrite_tflite_weight(EditLog& log, const WeightPlan& plan, const NarrowedWeight& narrowed);

// After the last edit: raises metadata min_runtime_version, where the file has it, to what the inserted ops need.
void raise_runtime_version(EditLog& log);

}  // namespace narrowcast

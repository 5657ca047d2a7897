#pragma once

#include "rewrite/rewrite.h"

namespace narrowcast {

// The tensor holds the codes and its own scales. Hybrid kernels take it so; for others DEQUANTIZE widens it. Blocks are
// widened with scale 1, multiplied by their scales and reshaped: a tensor's own scales would cost 12 bytes each, its
// zero points being int64.
Status rewrite_tflite_weight(EditLog& log, const Files& files, const WeightPlan& plan, const NarrowedWeight& narrowed);

// Ops that widened constants nobody reads any more.
void drop_unread_widenings(EditLog& log);

// After the last edit: operator versions that changed types ask for.
void update_versions(EditLog& log);
// After that: raises metadata min_runtime_version, where the file has it, to what inserted and changed ops need.
void raise_runtime_version(EditLog& log);

}  // namespace narrowcast

// Before: ops that spell out the zeros of sparse constants (TFLite's DENSIFY). After: dense constants in their place.
#pragma once

#include <cstddef>

#include "ir/edit_log.h"

namespace narrowcast {

// Returns how many there were. Those whose elements would outgrow `most_bytes` together stay, and so do malformed ones.
std::size_t spell_out_sparse(EditLog& log, const Files& files, uint64_t most_bytes);

}  // namespace narrowcast

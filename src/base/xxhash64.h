// XXH64 with seed 0: tells contents apart at the speed of memory, where nobody gains by a collision. Source: "xxHash
// fast digest algorithm", specification 0.1.1, by Yann Collet.
#pragma once

#include "base/bytes.h"

namespace narrowcast {

uint64_t xxhash64(ByteView bytes);

}  // namespace narrowcast

// The square root, which IEEE 754 rounds correctly and every machine has as one instruction: with -fno-math-errno no
// call of the C library comes of it. Negative and NaN: NaN; -0 stays -0.
#pragma once

namespace narrowcast::math {

inline float sqrt(float x) { return __builtin_sqrtf(x); }
inline double sqrt(double x) { return __builtin_sqrt(x); }

}  // namespace narrowcast::math

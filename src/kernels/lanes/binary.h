// One operation on pairs of float32: y[i] = f(a[i], b[i]), in three forms: vector with vector (a, b: n floats), vector
// with scalar (b: one float), scalar with vector (a: one float). Floats at any address that is a multiple of 4; y may
// be a or b, otherwise it must not overlap them. Both variants agree bit for bit, NaN payloads apart, and all three
// forms give the same result for the same pair.
#pragma once

#include <cstddef>
#include <cstdint>

namespace narrowcast::kernels {

using BinaryF32 = void (*)(const float* a, const float* b, float* y, std::size_t n);

struct BinaryForms {
  BinaryF32 vector_vector;
  BinaryF32 vector_scalar;
  BinaryF32 scalar_vector;
};

#define NC_BINARY_KINDS_WITH_LANES(X)                              \
  X(add)                                                           \
  X(sub)                                                           \
  X(mul)                                                           \
  X(div)                                                           \
  X(min)                /* NaN if either is NaN; of two zeros a */ \
  X(max)                /* as min */                               \
  X(squared_difference) /* (a - b)^2: two roundings */             \
  X(prelu)              /* a < 0 ? a b : a; a is the data, b the slope */

enum class BinaryKind : uint8_t {
#define NC_KIND(name) name,
  NC_BINARY_KINDS_WITH_LANES(NC_KIND)
#undef NC_KIND
      pow  // pow_f32 below
};

BinaryForms binary_f32__ref(BinaryKind kind);
BinaryForms binary_f32__simd(BinaryKind kind);
inline BinaryForms binary_f32(BinaryKind kind) { return binary_f32__simd(kind); }
const char* name_of(BinaryKind kind);

// a to the power of b. For b = 1, 2, 3, -1, 1/2: a; a a; (float64 a a) a rounded once; 1 / a; sqrt(a), but +0 for -0
// and +inf for -inf. Otherwise base/math's float64 pow (1 unit of float64), rounded.
float pow_f32(float a, float b);

}  // namespace narrowcast::kernels

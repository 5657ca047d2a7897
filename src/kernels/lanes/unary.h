// One operation on each of n float32: y[i] = f(x[i]). x and y: n contiguous floats at any address that is a multiple of
// 4; y may be x, otherwise they must not overlap. Both variants perform the same float operations per element (the
// formulas are in lanes/exp.h, log.h, erf.h, trig.h and activations.h), so they agree bit for bit, NaN payloads apart.
// NaN gives NaN unless the table says otherwise.
//
// Errors are the largest measured over every exponent and sign, against the float64 of base/math rounded to float32,
// in units in the last place of that (unary_test.cc holds them; 2^-149 counts as one unit below 2^-126).
#pragma once

#include <cstddef>
#include <cstdint>

namespace narrowcast::kernels {

struct LaneParams {
  float a = 0;
  float b = 0;
};
using UnaryF32 = void (*)(const float* x, float* y, std::size_t n, const LaneParams& p);

// Exact or correctly rounded, unless stated.
#define NC_UNARY_KINDS(X)                                                                                              \
  X(abs)                                                                                                               \
  X(neg)                                                                                                               \
  X(ceil)                                                                                                              \
  X(floor)                                                                                                             \
  X(round_half_even)                                                                                                   \
  X(sign) /* -1, 1 or x itself (zeros, NaN) */                                                                         \
  X(square)                                                                                                            \
  X(sqrt)                                                                                                              \
  X(rsqrt) /* 1 / sqrt(x): two roundings */                                                                            \
  X(reciprocal)                                                                                                        \
  X(exp)              /* 1 unit, subnormal results included */                                                         \
  X(log)              /* 1 unit; x < 0: NaN, +-0: -inf */                                                              \
  X(sin)              /* 1 unit, every argument */                                                                     \
  X(cos)              /* 1 unit, every argument */                                                                     \
  X(tanh)             /* 3 units */                                                                                    \
  X(sigmoid)          /* 3 units */                                                                                    \
  X(erf)              /* 2 units */                                                                                    \
  X(softplus)         /* log(1 + e^x) = max(x, 0) + log1p(e^-|x|); 3 units */                                          \
  X(softsign)         /* x / (1 + |x|), +-1 at infinity; 2 units */                                                    \
  X(clamp)            /* min(max(x, a), b); b when a > b */                                                            \
  X(relu)             /* max(x, 0) */                                                                                  \
  X(leaky_relu)       /* x < 0 ? a x : x */                                                                            \
  X(elu)              /* x < 0 ? a (e^x - 1) : x; 3 units */                                                           \
  X(selu)             /* b (x > 0 ? x : a (e^x - 1)); 4 units */                                                       \
  X(celu)             /* max(0, x) + min(0, a (e^(x / a) - 1)); a != 0 */                                              \
  X(thresholded_relu) /* x > a ? x : 0: NaN gives 0 */                                                                 \
  X(hard_sigmoid)     /* max(0, min(1, a x + b)): two roundings */                                                     \
  X(hard_swish)       /* x max(0, min(1, x / 6 + 1/2)), 1/6 as a float; 0 at -inf; 2.4e-7 absolute at -3 */            \
  X(gelu_erf) /* x (1 + erf(x / sqrt 2)) / 2; 4 units from -1 on, 100 (1.2e-5) below where |y| > 1e-9, 0 below -8.5 */ \
  X(gelu_tanh)  /* x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2; 3 + 3 |u| units, u the tanh's argument */        \
  X(quick_gelu) /* x sigmoid(a x); a > 0; 4 + |a x| units */                                                           \
  X(silu)       /* x sigmoid(x); 4 units where sigmoid(x) >= 2^-126 */                                                 \
  X(mish)       /* x tanh(log(1 + e^x)); 4 units where e^x >= 2^-126 */                                                \
  X(affine)     /* x a + b: two roundings */                                                                           \
  /* One by one through the float64 of base/math, rounded: nearest but for near-ties. */                               \
  X(tan)                                                                                                               \
  X(asin)                                                                                                              \
  X(acos)                                                                                                              \
  X(atan)                                                                                                              \
  X(sinh)                                                                                                              \
  X(cosh)                                                                                                              \
  X(asinh)                                                                                                             \
  X(acosh)                                                                                                             \
  X(atanh)

enum class UnaryKind : uint8_t {
#define NC_KIND(name) name,
  NC_UNARY_KINDS(NC_KIND)
#undef NC_KIND
};

UnaryF32 unary_f32__ref(UnaryKind kind);
UnaryF32 unary_f32__simd(UnaryKind kind);
inline UnaryF32 unary_f32(UnaryKind kind) { return unary_f32__simd(kind); }
const char* name_of(UnaryKind kind);

}  // namespace narrowcast::kernels

#include "base/math/erf.h"

#include "base/math/exp.h"

namespace narrowcast::math {
namespace {

// Taylor: erf(x) = x (1 + kFirst + z (kSeries[0] + z kSeries[1] ...)), z = x^2 <= 1; the terms are
// 2 / sqrt(pi) * (-1)^n / (n! (2 n + 1)).
constexpr double kFirst = 0x1.06eba8214db69p-3;
constexpr double kSeries[] = {
    -0x1.812746b0379e7p-2,  0x1.ce2f21a042be2p-4,  -0x1.b82ce31288b51p-6,  0x1.565bcd0e6a53fp-8,
    -0x1.c02db40040b86p-11, 0x1.f9a326f9b89b7p-14, -0x1.f4d25c3e0c2ebp-17, 0x1.b9e6c9dc651a3p-20,
    -0x1.5f742ec43e71ap-23, 0x1.fcc5720624c1cp-27, -0x1.51d7181c5d36dp-30, 0x1.9e6ad5e55a730p-34,
    -0x1.d8453cb0c46eap-38, 0x1.f683ae4a97007p-42, -0x1.f56f071a885cfp-46, 0x1.d70b3537f4765p-50,
    -0x1.a2007af3447f6p-54, 0x1.5f7919bc67b8cp-58, -0x1.18cc8a061c479p-62,
};

// exp(a^2) erfc(a) for 1 <= a <= 6 as a polynomial in t = (a - c) / (a + c), c = sqrt(6): Chebyshev interpolation in
// 300-bit arithmetic, error below 1e-18.
constexpr double kCentre = 0x1.3988e1409212ep+1;
constexpr double kScaledErfc[] = {
    0x1.b78e03995218ep-3,  -0x1.81eb530c3ad90p-2,  0x1.01b4f390dc269p-2,   -0x1.f17706b4098e6p-4,
    0x1.296fababdf83fp-5,  -0x1.29648c67aaa0dp-9,  -0x1.7688865c7dc6fp-9,  0x1.676b657944f7bp-11,
    0x1.354e47aced338p-12, -0x1.b111f651d768dp-14, -0x1.87cbf15dd044fp-15, 0x1.c1f337efe50b2p-17,
    0x1.419d668d83ec1p-17, -0x1.0b0a33166bf8dp-20, -0x1.0e557771c9665p-19, -0x1.55a4ce43a0612p-23,
    0x1.618fad7eee172p-22,
};

template <int n>
double horner(const double (&terms)[n], double x) {
  double sum = 0;
  for (int i = n - 1; i >= 0; --i) sum = sum * x + terms[i];
  return sum;
}

}  // namespace

double erf(double x) {
  if (x != x) return x;
  const double a = x < 0 ? -x : x;
  if (a < 1) return x + x * (kFirst + x * x * horner(kSeries, x * x));
  double result = 1;
  if (a < 6) result -= exp(-a * a) * horner(kScaledErfc, (a - kCentre) / (a + kCentre));
  return x < 0 ? -result : result;
}

}  // namespace narrowcast::math

// Hyperbolic functions beside tanh (exp.h), and their inverses: float64 from + - * / sqrt and bit operations alone, so
// that every build gives the same bits. NaN gives NaN. The largest error against the true value is stated in ulp.
#pragma once

namespace narrowcast::math {

double sinh(double x);   // 3 ulp; odd, -0 stays -0
double cosh(double x);   // 3 ulp
double asinh(double x);  // 3 ulp; odd, -0 stays -0
double acosh(double x);  // 3 ulp; x < 1: NaN
double atanh(double x);  // 3 ulp; odd; +-1: +-inf, beyond: NaN

}  // namespace narrowcast::math

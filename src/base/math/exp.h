// The exponential and its kin: float64 from + - * / and bit operations alone, so that every build gives the same bits.
// NaN gives NaN. The largest error against the true value is stated in ulp.
#pragma once

namespace narrowcast::math {

double exp(double x);      // 1 ulp; above 709.78 inf, below -745.13 0
double expm1(double x);    // exp(x) - 1; 2 ulp; -0 stays -0
double tanh(double x);     // 3 ulp; odd
double sigmoid(double x);  // 1 / (1 + exp(-x)); 3 ulp (2^-1074 absolute where the result is subnormal)

// exp(hi + lo) for |lo| <= ulp(hi), for pow. 1 ulp when the sum is that exact.
double exp_double_double(double hi, double lo);

}  // namespace narrowcast::math

// Logarithms: float64 from + - * / and bit operations alone, so that every build gives the same bits.
// x < 0 and NaN: NaN; +-0: -inf; +inf: +inf. The largest error against the true value is stated in ulp.
#pragma once

#include "base/math/double_double.h"

namespace narrowcast::math {

double log(double x);    // 1 ulp
double log2(double x);   // 1 ulp; exact for powers of two
double log10(double x);  // 1 ulp; exact for 10^0..10^22
double log1p(double x);  // log(1 + x); 1 ulp; -1: -inf, below: NaN; -0 stays -0

double quick_log(double x);  // log(x) in a fraction of the time; 3 ulp; x: finite, > 0

// log(x) to about 2^-64 relative, for pow. x: finite, > 0.
DoubleDouble log_double_double(double x);

}  // namespace narrowcast::math

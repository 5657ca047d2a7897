// The error function: float64 from + - * / and bit operations alone, so that every build gives the same bits.
#pragma once

namespace narrowcast::math {

double erf(double x);  // 1.5 ulp; odd, +-1 at the infinities, NaN gives NaN

}  // namespace narrowcast::math

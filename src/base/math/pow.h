// x to the power of y: float64 from + - * / and bit operations alone, so that every build gives the same bits.
#pragma once

namespace narrowcast::math {

// 1 ulp. Special cases as IEEE 754 pow: pow(x, +-0) = pow(1, y) = 1 even for NaN; a negative x with a y that is not an
// integer is NaN; pow(-1, +-inf) = 1; the sign of a zero or infinite x counts when y is an odd integer.
double pow(double x, double y);

}  // namespace narrowcast::math

// Sine, cosine and tangent of radians: float64 from + - * / and bit operations alone, so that every build gives the
// same bits. The argument is reduced by pi / 2 with as many bits as it takes, up to the largest float64. Infinities and
// NaN: NaN.
#pragma once

namespace narrowcast::math {

double sin(double x);  // 1 ulp; odd, -0 stays -0
double cos(double x);  // 1 ulp
double tan(double x);  // 3 ulp; odd, -0 stays -0

}  // namespace narrowcast::math

// Angles in radians from their sine, cosine or tangent: float64 from + - * / sqrt and bit operations alone, so that
// every build gives the same bits. NaN gives NaN. The largest error against the true value is stated in ulp.
#pragma once

namespace narrowcast::math {

double atan(double x);  // 2 ulp; odd, +-pi / 2 at the infinities
double asin(double x);  // 3 ulp; odd; |x| > 1: NaN
double acos(double x);  // 3 ulp; |x| > 1: NaN

// The angle of the point (x, y), in [-pi, pi]; 2 ulp. Zeros and infinities as IEEE 754 atan2: the sign of a zero y is
// kept, a negative zero x counts as negative, two infinities mean the diagonal.
double atan2(double y, double x);

}  // namespace narrowcast::math

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>

#include "base/math/erf.h"
#include "base/math/exp.h"
#include "base/math/hyperbolic.h"
#include "base/math/inverse_trig.h"
#include "base/math/log.h"
#include "base/math/pow.h"
#include "base/math/round.h"
#include "base/math/trig.h"

namespace narrowcast::math {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// splitmix64, as in the kernels' tests; base does not see them.
struct Random {
  uint64_t state;
  uint64_t next() {
    uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  double between(double low, double high) { return low + (high - low) * (static_cast<double>(next() >> 11) * 0x1p-53); }
  // Any finite value of this sign.
  double any() {
    for (;;) {
      const double x = std::bit_cast<double>(next() >> 1);
      if (x < kInf) return x;
    }
  }
};

uint64_t hash_of(double (*ours)(double), double low, double high) {
  Random random{2};
  uint64_t hash = 0xCBF29CE484222325u;
  for (int i = 0; i < 20000; ++i) {
    const double x = i % 8 == 0 ? random.any() * (low < 0 && i % 16 == 0 ? -1 : 1) : random.between(low, high);
    const double y = ours(x);
    hash = (hash ^ std::bit_cast<uint64_t>(y == y ? y : 0.125)) * 0x100000001B3u;
  }
  return hash;
}

// Only x87 gives long double the bits to judge by; the other builds are held to the hashes below.
#if defined(__x86_64__)
constexpr int kPoints = 200000;

double ulp(double x) {
  const double magnitude = std::fabs(x);
  if (!(magnitude < kInf)) return 0x1p970;
  return std::nextafter(magnitude, kInf) - magnitude;
}

// The largest error in ulp of `ours` against the C library's 64-bit-mantissa version over points drawn by `draw`.
using Truth = std::function<long double(long double)>;
double worst(double (*ours)(double), const Truth& truth, const std::function<double(Random&)>& draw) {
  Random random{1};
  double largest = 0;
  for (int i = 0; i < kPoints; ++i) {
    const double x = draw(random);
    const long double want = truth(static_cast<long double>(x));
    const double got = ours(x);
    if (std::fabs(want) > static_cast<long double>(std::numeric_limits<double>::max())) continue;
    const auto error =
        static_cast<double>(std::fabs(static_cast<long double>(got) - want)) / ulp(static_cast<double>(want));
    if (!(error <= largest)) largest = error;
  }
  return largest;
}

#define NC_WORST(ours, truth, draw) \
  worst(ours, [](long double x) -> long double { return truth; }, [](Random& random) -> double { return draw; })

TEST(Math, WithinTheStatedUlp) {
  EXPECT_LE(NC_WORST(exp, std::exp(x), random.between(-750, 710)), 1.0);
  EXPECT_LE(NC_WORST(exp, std::exp(x), random.between(-1, 1)), 1.0);
  EXPECT_LE(NC_WORST(expm1, std::expm1(x), random.between(-50, 50)), 2.0);
  EXPECT_LE(NC_WORST(expm1, std::expm1(x), random.between(-1, 1)), 2.0);
  EXPECT_LE(NC_WORST(tanh, std::tanh(x), random.between(-23, 23)), 3.0);
  EXPECT_LE(NC_WORST(tanh, std::tanh(x), random.between(-1, 1)), 3.0);
  EXPECT_LE(NC_WORST(sigmoid, 1 / (1 + std::exp(-x)), random.between(-745, 40)), 3.0);
  EXPECT_LE(NC_WORST(log, std::log(x), random.any()), 1.0);
  EXPECT_LE(NC_WORST(log, std::log(x), random.between(0.5, 2)), 1.0);
  EXPECT_LE(NC_WORST(quick_log, std::log(x), random.any()), 3.0);
  EXPECT_LE(NC_WORST(quick_log, std::log(x), random.between(0.5, 2)), 3.0);
  EXPECT_LE(NC_WORST(log2, std::log2(x), random.any()), 1.0);
  EXPECT_LE(NC_WORST(log2, std::log2(x), random.between(0.5, 2)), 1.0);
  EXPECT_LE(NC_WORST(log10, std::log10(x), random.any()), 1.0);
  EXPECT_LE(NC_WORST(log10, std::log10(x), random.between(0.5, 2)), 1.0);
  EXPECT_LE(NC_WORST(erf, std::erf(x), random.between(-6.5, 6.5)), 1.5);
  EXPECT_LE(NC_WORST(erf, std::erf(x), random.between(-1, 1)), 1.5);
  EXPECT_LE(NC_WORST(erf, std::erf(x), random.between(-1e-300, 1e-300)), 1.5);
  for (double range : {1.0, 10.0, 1e6, 1e9, 1e15}) {
    const auto draw = [range](Random& random) { return random.between(-range, range); };
    EXPECT_LE(worst(sin, [](long double x) { return std::sin(x); }, draw), 1.0) << range;
    EXPECT_LE(worst(cos, [](long double x) { return std::cos(x); }, draw), 1.0) << range;
  }
  EXPECT_LE(NC_WORST(sin, std::sin(x), random.any()), 1.0);
  EXPECT_LE(NC_WORST(cos, std::cos(x), random.any()), 1.0);
}

TEST(Math, InversesAndHyperbolicsWithinTheStatedUlp) {
  for (double range : {1.0, 10.0, 1e6, 1e15}) {
    const auto draw = [range](Random& random) { return random.between(-range, range); };
    EXPECT_LE(worst(tan, [](long double x) { return std::tan(x); }, draw), 3.0) << range;
    EXPECT_LE(worst(atan, [](long double x) { return std::atan(x); }, draw), 2.0) << range;
    EXPECT_LE(worst(asinh, [](long double x) { return std::asinh(x); }, draw), 3.0) << range;
  }
  EXPECT_LE(NC_WORST(tan, std::tan(x), random.any()), 3.0);
  EXPECT_LE(NC_WORST(atan, std::atan(x), random.any()), 2.0);
  EXPECT_LE(NC_WORST(asin, std::asin(x), random.between(-1, 1)), 3.0);
  EXPECT_LE(NC_WORST(asin, std::asin(x), 1 - random.between(0, 1e-6)), 3.0);
  EXPECT_LE(NC_WORST(acos, std::acos(x), random.between(-1, 1)), 3.0);
  EXPECT_LE(NC_WORST(acos, std::acos(x), 1 - random.between(0, 1e-6)), 3.0);
  EXPECT_LE(NC_WORST(sinh, std::sinh(x), random.between(-711, 711)), 3.0);
  EXPECT_LE(NC_WORST(sinh, std::sinh(x), random.between(-2, 2)), 3.0);
  EXPECT_LE(NC_WORST(cosh, std::cosh(x), random.between(-711, 711)), 3.0);
  EXPECT_LE(NC_WORST(cosh, std::cosh(x), random.between(-25, 25)), 3.0);
  EXPECT_LE(NC_WORST(asinh, std::asinh(x), random.any()), 3.0);
  EXPECT_LE(NC_WORST(acosh, std::acosh(x), random.between(1, 3)), 3.0);
  EXPECT_LE(NC_WORST(acosh, std::acosh(x), 1 + random.any()), 3.0);
  EXPECT_LE(NC_WORST(atanh, std::atanh(x), random.between(-1, 1)), 3.0);
  EXPECT_LE(NC_WORST(log1p, std::log1p(x), random.any()), 1.0);
  EXPECT_LE(NC_WORST(log1p, std::log1p(x), random.between(-1, 1)), 1.0);
  EXPECT_LE(NC_WORST(log1p, std::log1p(x), random.between(-1e-12, 1e-12)), 1.0);
}

TEST(Math, Atan2WithinTheStatedUlp) {
  Random random{6};
  double largest = 0;
  for (int i = 0; i < kPoints; ++i) {
    const double y = i % 2 == 0 ? random.any() : random.between(-4, 4);
    const double x = i % 3 == 0 ? random.any() : random.between(-4, 4);
    const long double want = std::atan2(static_cast<long double>(y), static_cast<long double>(x));
    const auto error =
        static_cast<double>(std::fabs(static_cast<long double>(atan2(y, x)) - want)) / ulp(static_cast<double>(want));
    if (!(error <= largest)) largest = error;
  }
  EXPECT_LE(largest, 2.0);
}

TEST(Math, PowWithinTheStatedUlp) {
  Random random{5};
  double largest = 0;
  for (int i = 0; i < kPoints; ++i) {
    const double x = i % 2 == 0 ? random.any() : random.between(0, 4);
    const double y = i % 2 == 0 ? random.between(-1, 1) : random.between(-500, 500);
    const long double want = std::pow(static_cast<long double>(x), static_cast<long double>(y));
    if (!(want > 1e-307L && want < 1.79e308L)) continue;
    const auto error =
        static_cast<double>(std::fabs(static_cast<long double>(pow(x, y)) - want)) / ulp(static_cast<double>(want));
    if (!(error <= largest)) largest = error;
  }
  EXPECT_LE(largest, 1.0);
}
#endif

TEST(Math, SameBitsInEveryBuild) {
  EXPECT_EQ(hash_of(exp, -750, 720), 0x16e9d64e57f07b80u);
  EXPECT_EQ(hash_of(expm1, -50, 50), 0x1df7ae2ba86d0463u);
  EXPECT_EQ(hash_of(tanh, -23, 23), 0x8684c6827d3f33d2u);
  EXPECT_EQ(hash_of(sigmoid, -50, 50), 0x58fcff3fc93cd3ebu);
  EXPECT_EQ(hash_of(log, 0, 10), 0x19f55933ec1f7eb7u);
  EXPECT_EQ(hash_of(quick_log, 0, 10), 0x1c1de4ebc2474c84u);
  EXPECT_EQ(hash_of(log2, 0, 10), 0x950baffcdff8ec99u);
  EXPECT_EQ(hash_of(log10, 0, 10), 0x60e51c7838c4af98u);
  EXPECT_EQ(hash_of(erf, -6, 6), 0x67538344aba71fdcu);
  EXPECT_EQ(hash_of(sin, -1e6, 1e6), 0x6a22a9f1a29e6dccu);
  EXPECT_EQ(hash_of(cos, -1e6, 1e6), 0xa52397081f966a7cu);
  EXPECT_EQ(hash_of([](double x) { return pow(x, 1.7); }, 0, 10), 0x279937cda21697efu);
  EXPECT_EQ(hash_of(tan, -1e6, 1e6), 0xc1598043a21599e2u);
  EXPECT_EQ(hash_of(asin, -1, 1), 0x45213dfc85d85641u);
  EXPECT_EQ(hash_of(acos, -1, 1), 0x158b9961077e3632u);
  EXPECT_EQ(hash_of(atan, -10, 10), 0x39e26b155d68f03au);
  EXPECT_EQ(hash_of([](double x) { return atan2(x, -0.7); }, -10, 10), 0x922ee1800657fe41u);
  EXPECT_EQ(hash_of(sinh, -50, 50), 0x8b1f2df212a29190u);
  EXPECT_EQ(hash_of(cosh, -50, 50), 0x8fa81e0ed289367eu);
  EXPECT_EQ(hash_of(asinh, -10, 10), 0xd1f355b2a14f27a1u);
  EXPECT_EQ(hash_of(acosh, 1, 10), 0x61f9ad79db367b6au);
  EXPECT_EQ(hash_of(atanh, -1, 1), 0x9e4737aa39c5f560u);
  EXPECT_EQ(hash_of(log1p, -1, 10), 0x96471a3407fdd2a3u);
}

bool same(double a, double b) { return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b) || (a != a && b != b); }

TEST(Math, SpecialValues) {
  const auto table = [](double (*f)(double), std::initializer_list<std::pair<double, double>> rows) {
    for (const auto& [x, want] : rows) EXPECT_TRUE(same(f(x), want)) << x << " gives " << f(x) << ", not " << want;
  };
  table(exp, {{0, 1}, {-0.0, 1}, {kInf, kInf}, {-kInf, 0}, {kNan, kNan}, {709.79, kInf}, {-745.2, 0}});
  EXPECT_EQ(exp(-745.1), 0x1p-1074);
  table(expm1, {{0, 0}, {-0.0, -0.0}, {kInf, kInf}, {-kInf, -1}, {kNan, kNan}, {1e-300, 1e-300}});
  table(tanh, {{0, 0}, {-0.0, -0.0}, {kInf, 1}, {-kInf, -1}, {kNan, kNan}, {1e-300, 1e-300}});
  table(sigmoid, {{0, 0.5}, {kInf, 1}, {-kInf, 0}, {kNan, kNan}});
  for (auto* f : {log, log2, log10}) {
    table(f, {{0, -kInf}, {-0.0, -kInf}, {-1, kNan}, {-kInf, kNan}, {kInf, kInf}, {kNan, kNan}, {1, 0}});
  }
  for (int k = -1074; k <= 1023; ++k) EXPECT_EQ(log2(std::ldexp(1.0, k)), k);
  double power = 1;
  for (int k = 0; k <= 22; ++k, power *= 10) EXPECT_EQ(log10(power), k);
  table(erf, {{0, 0}, {-0.0, -0.0}, {kInf, 1}, {-kInf, -1}, {kNan, kNan}, {7, 1}});
  table(sin, {{0, 0}, {-0.0, -0.0}, {kInf, kNan}, {-kInf, kNan}, {kNan, kNan}, {1e-300, 1e-300}});
  table(cos, {{0, 1}, {-0.0, 1}, {kInf, kNan}, {kNan, kNan}});
}

TEST(Math, InverseSpecialValues) {
  const double values[] = {0.0, -0.0, 1, -1, 1e-300, -1e-300, 1e300, -1e300, kInf, -kInf, kNan, 0x1p-1074, 1.5};
  const auto agree = [](double got, double want) {
    return same(got, want) || (want != 0 && std::fabs(got / want - 1) < 1e-15);
  };
  for (double x : values) {
    EXPECT_TRUE(agree(tan(x), std::fabs(x) == kInf ? kNan : std::tan(x))) << x;
    EXPECT_TRUE(agree(atan(x), std::atan(x))) << x;
    EXPECT_TRUE(agree(asin(x), std::fabs(x) > 1 ? kNan : std::asin(x))) << x;
    EXPECT_TRUE(agree(acos(x), std::fabs(x) > 1 ? kNan : std::acos(x))) << x;
    EXPECT_TRUE(agree(sinh(x), std::sinh(x))) << x;
    EXPECT_TRUE(agree(cosh(x), std::cosh(x))) << x;
    EXPECT_TRUE(agree(asinh(x), std::asinh(x))) << x;
    EXPECT_TRUE(agree(acosh(x), x < 1 ? kNan : std::acosh(x))) << x;
    EXPECT_TRUE(agree(atanh(x), std::fabs(x) > 1 ? kNan : std::atanh(x))) << x;
    EXPECT_TRUE(agree(log1p(x), x < -1 ? kNan : std::log1p(x))) << x;
    for (double y : values) EXPECT_TRUE(agree(atan2(y, x), std::atan2(y, x))) << y << " " << x;
  }
}

TEST(Math, PowSpecialValues) {
  const double values[] = {0.0,  -0.0,  1,      -1,   2,     -2,   3,      -3,       0.5,
                           -0.5, 1e300, -1e300, kInf, -kInf, kNan, 0x1p70, 0x1p-1074};
  for (double x : values) {
    for (double y : values) {
      const double want = std::pow(x, y);
      const double got = pow(x, y);
      if (want == 0 || want != want || std::fabs(want) == kInf || std::fabs(want) == 1) {
        EXPECT_TRUE(same(got, want)) << x << "^" << y << " gives " << got << ", not " << want;
      } else {
        EXPECT_NEAR(got / want, 1, 1e-15) << x << "^" << y;
      }
    }
  }
  for (int k = 0; k < 60; ++k) EXPECT_EQ(pow(2, k), std::ldexp(1.0, k));
}

TEST(Math, Rounding) {
  for (double x : {0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 0.49999999999999994, 4503599627370495.5, 1e300, kInf}) {
    EXPECT_TRUE(same(round_half_even(x), std::nearbyint(x))) << x;
    EXPECT_TRUE(same(round_half_away(x), std::round(x))) << x;
    EXPECT_TRUE(same(static_cast<double>(round_half_even(static_cast<float>(x))),
                     static_cast<double>(std::nearbyint(static_cast<float>(x)))))
        << x;
  }
  EXPECT_NE(round_half_even(kNan), round_half_even(kNan));
  EXPECT_NE(round_half_away(kNan), round_half_away(kNan));
}

}  // namespace
}  // namespace narrowcast::math

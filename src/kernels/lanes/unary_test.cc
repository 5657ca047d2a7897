#include "kernels/lanes/unary.h"

#include <gtest/gtest.h>

#include "base/math/erf.h"
#include "base/math/exp.h"
#include "base/math/log.h"
#include "base/math/sqrt.h"
#include "base/math/trig.h"
#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

constexpr UnaryKind kKinds[] = {
#define NC_ENTRY(name) UnaryKind::name,
    NC_UNARY_KINDS(NC_ENTRY)
#undef NC_ENTRY
};
constexpr LaneParams kParams[] = {{0.01f, 1.5f}, {-1.0f, 6.0f}, {1.702f, -0.25f}, {3.0f, 1.0f}, {0.2f, 0.5f}};

std::vector<float> run(UnaryF32 f, const std::vector<float>& x, const LaneParams& p) {
  std::vector<float> y(x.size());
  f(x.data(), y.data(), x.size(), p);
  return y;
}

TEST(UnaryLanes, SimdEqualsReference) {
  for (UnaryKind kind : kKinds) {
    for (std::size_t n : kLengths) {
      for (std::size_t offset : {0, 1, 3}) {
        const LaneParams p = kParams[(n + offset) % std::size(kParams)];
        const std::vector<float> all = floats(n + offset, Mix::hostile, n + 1);
        const std::vector<float> x(all.begin() + static_cast<std::ptrdiff_t>(offset), all.end());
        std::vector<float> y(n + offset), in_place = all;
        unary_f32__simd(kind)(all.data() + offset, y.data() + offset, n, p);
        unary_f32__simd(kind)(in_place.data() + offset, in_place.data() + offset, n, p);
        y.erase(y.begin(), y.begin() + static_cast<std::ptrdiff_t>(offset));
        in_place.erase(in_place.begin(), in_place.begin() + static_cast<std::ptrdiff_t>(offset));
        const auto want = value_bits(run(unary_f32__ref(kind), x, p));
        ASSERT_EQ(value_bits(y), want) << name_of(kind) << " " << n;
        ASSERT_EQ(value_bits(in_place), want) << name_of(kind) << " in place, " << n;
      }
    }
  }
}

TEST(UnaryLanes, SimdEqualsReferenceOverEveryExponent) {
  std::vector<float> x;
  for (uint64_t pattern = 0; pattern < uint64_t{1} << 32; pattern += 16411) {
    x.push_back(std::bit_cast<float>(static_cast<uint32_t>(pattern)));
  }
  for (UnaryKind kind : kKinds) {
    const auto got = value_bits(run(unary_f32__simd(kind), x, kParams[2]));
    const auto want = value_bits(run(unary_f32__ref(kind), x, kParams[2]));
    ASSERT_TRUE(got == want) << name_of(kind);
  }
}

// What the formulas mean, in float64.
double clamp01(double x) { return x < 0 ? 0 : x > 1 ? 1 : x; }
double phi(double x) {  // the normal distribution; the tail from Q(t) = exp(-t^2) times erfc's continued fraction
  const double t = x * -0.70710678118654752440;
  if (t < 2) return 0.5 - 0.5 * math::erf(t);
  double fraction = t;
  for (int k = 60; k > 0; --k) fraction = t + k * 0.5 / fraction;
  return 0.5 * math::exp(-t * t) / (fraction * 1.7724538509055160273);
}
double softplus(double x) {
  const double u = math::exp(x < 0 ? x : -x);
  const double w = 1 + u;
  return (x < 0 ? 0 : x) + (w == 1 ? u : math::log(w) * u / (w - 1));
}

struct Accuracy {
  UnaryKind kind;
  double units;
  double (*truth)(double x, double a, double b);
  // Results below are compared absolutely in units of this; and arguments outside are left out.
  double floor = 0;
  double low = -1e39, high = 1e39;
};

const Accuracy kAccuracies[] = {
    {UnaryKind::sqrt, 0.5, [](double x, double, double) { return math::sqrt(x); }},
    {UnaryKind::rsqrt, 1.5, [](double x, double, double) { return 1 / math::sqrt(x); }},
    {UnaryKind::reciprocal, 0.5, [](double x, double, double) { return 1 / x; }},
    {UnaryKind::exp, 1, [](double x, double, double) { return math::exp(x); }},
    {UnaryKind::log, 1, [](double x, double, double) { return math::log(x); }},
    {UnaryKind::sin, 0.5001, [](double x, double, double) { return math::sin(x); }},
    {UnaryKind::cos, 0.5001, [](double x, double, double) { return math::cos(x); }},
    {UnaryKind::tanh, 3, [](double x, double, double) { return math::tanh(x); }},
    {UnaryKind::sigmoid, 3, [](double x, double, double) { return math::sigmoid(x); }},
    {UnaryKind::erf, 2, [](double x, double, double) { return math::erf(x); }},
    {UnaryKind::softplus, 3, [](double x, double, double) { return softplus(x); }},
    {UnaryKind::softsign, 2,
     [](double x, double, double) { return x > 1e39    ? 1
                                           : x < -1e39 ? -1
                                                       : x / (1 + (x < 0 ? -x : x)); }},
    {UnaryKind::elu, 3, [](double x, double a, double) { return x < 0 ? a * math::expm1(x) : x; }},
    {UnaryKind::selu, 4, [](double x, double a, double b) { return b * (x < 0 ? a * math::expm1(x) : x); }},
    {UnaryKind::hard_swish, 2, [](double x, double, double) { return x * clamp01(x * (1.0 / 6) + 0.5); }, 1, -100},
    {UnaryKind::gelu_erf, 4, [](double x, double, double) { return x == 0 ? 0 : x * phi(x); }, 0, -1},
    {UnaryKind::gelu_erf, 100, [](double x, double, double) { return x * phi(x); }, 1e-9, -1e30},
    {UnaryKind::gelu_tanh, 30,
     [](double x, double, double) { return x * math::sigmoid(1.5957691216057308 * (x + 0.044715 * x * x * x)); }, 1e-6,
     -1e30},
    {UnaryKind::quick_gelu, 30, [](double x, double a, double) { return x * math::sigmoid(a * x); }, 1e-8, -1e30},
    {UnaryKind::silu, 4, [](double x, double, double) { return x * math::sigmoid(x); }, 1e-36, -1e30},
    {UnaryKind::mish, 4, [](double x, double, double) { return x * math::tanh(softplus(x)); }, 1e-36, -1e30},
};

std::vector<float> arguments() {
  std::vector<float> x(std::begin(kHostile), std::end(kHostile));
  for (uint64_t pattern = 0; pattern < uint64_t{1} << 32; pattern += 32771) {
    x.push_back(std::bit_cast<float>(static_cast<uint32_t>(pattern)));
  }
  Random random(3);
  for (float range : {1.0f, 8.0f, 110.0f}) {
    for (int i = 0; i < 50000; ++i) x.push_back(random.uniform() * range);
  }
  return x;
}

TEST(UnaryLanes, WithinTheStatedUnits) {
  const std::vector<float> x = arguments();
  const LaneParams p{1.702f, 1.05f};
  for (const Accuracy& row : kAccuracies) {
    const std::vector<float> y = run(unary_f32(row.kind), x, p);
    double worst = 0;
    float where = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (x[i] < row.low || x[i] > row.high) continue;
      const double want = row.truth(x[i], p.a, p.b);
      double error = units_apart(y[i], want);
      const double magnitude = want < 0 ? -want : want;
      if (magnitude < row.floor) {
        const double difference = y[i] - want;
        error = (difference < 0 ? -difference : difference) / (row.floor * 0x1p-23);
      }
      if (!(error <= worst)) {
        worst = error;
        where = x[i];
      }
    }
    EXPECT_LE(worst, row.units) << name_of(row.kind) << " at " << where;
    RecordProperty(name_of(row.kind), std::to_string(worst));
  }
}

TEST(UnaryLanes, SpecialValues) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kMax = std::numeric_limits<float>::max();
  const auto check = [](UnaryKind kind, LaneParams p, const std::vector<float>& x, const std::vector<float>& want) {
    for (auto* variant : {unary_f32__ref, unary_f32__simd}) {
      EXPECT_EQ(value_bits(run(variant(kind), x, p)), value_bits(want)) << name_of(kind);
    }
  };
  using K = UnaryKind;
  check(K::abs, {}, {-0.0f, -1, kNan, -kInf}, {0, 1, kNan, kInf});
  check(K::neg, {}, {0.0f, -1, kNan, kInf}, {-0.0f, 1, kNan, -kInf});
  check(K::floor, {}, {-0.0f, 0.7f, -0.2f, 1e30f, -8388607.5f}, {-0.0f, 0, -1, 1e30f, -8388608});
  check(K::ceil, {}, {-0.0f, 0.2f, -0.7f, -1e30f, 8388607.5f}, {-0.0f, 1, -0.0f, -1e30f, 8388608});
  check(K::round_half_even, {}, {0.5f, 1.5f, 2.5f, -0.5f, kInf}, {0, 2, 2, -0.0f, kInf});
  check(K::sign, {}, {-3, 0, 5, kNan, -kInf}, {-1, 0, 1, kNan, -1});
  check(K::sqrt, {}, {-0.0f, -1, kInf, 4}, {-0.0f, kNan, kInf, 2});
  check(K::exp, {}, {kInf, -kInf, 0, -0.0f, 89, -104, kNan}, {kInf, 0, 1, 1, kInf, 0, kNan});
  check(K::log, {}, {0, -0.0f, -1, 1, kInf, -kInf, kNan}, {-kInf, -kInf, kNan, 0, kInf, kNan, kNan});
  check(K::sin, {}, {-0.0f, kInf, kNan, 0}, {-0.0f, kNan, kNan, 0});
  check(K::tanh, {}, {-0.0f, kInf, -kInf, 1e-40f, kNan}, {-0.0f, 1, -1, 1e-40f, kNan});
  check(K::sigmoid, {}, {kInf, -kInf, 0, kNan}, {1, 0, 0.5f, kNan});
  check(K::erf, {}, {kInf, -kInf, -0.0f, kNan}, {1, -1, -0.0f, kNan});
  check(K::softplus, {}, {kInf, -kInf, kMax, kNan}, {kInf, 0, kMax, kNan});
  check(K::softsign, {}, {kInf, -kInf, kMax, kNan}, {1, -1, 1, kNan});
  check(K::clamp, {0, 6}, {-1, 3, 7, kNan, kInf, -kInf}, {0, 3, 6, kNan, 6, 0});
  check(K::clamp, {2, 1}, {-1, 3, kNan}, {1, 1, kNan});
  check(K::relu, {}, {-1, -0.0f, 3, kNan, kInf, -kInf}, {0, -0.0f, 3, kNan, kInf, 0});
  check(K::leaky_relu, {0.5f, 0}, {-1, 3, kNan, -kInf}, {-0.5f, 3, kNan, -kInf});
  check(K::elu, {2, 0}, {-kInf, 3, kNan, kInf}, {-2, 3, kNan, kInf});
  check(K::celu, {2, 0}, {-kInf, 3, kNan, kInf}, {-2, 3, kNan, kInf});
  check(K::thresholded_relu, {1, 0}, {1, 1.5f, kNan, kInf}, {0, 1.5f, 0, kInf});
  check(K::hard_sigmoid, {0.2f, 0.5f}, {-kInf, 0, kNan, kInf}, {0, 0.5f, kNan, 1});
  for (K kind : {K::hard_swish, K::gelu_tanh, K::silu, K::mish}) {
    check(kind, {}, {kInf, -kInf, kMax, -kMax, kNan}, {kInf, -0.0f, kMax, -0.0f, kNan});
  }
  check(K::tan, {}, {kInf, -0.0f, kNan}, {kNan, -0.0f, kNan});
  check(K::acos, {}, {1, -1, 0, 2}, {0, 3.14159274f, 1.57079637f, kNan});
  check(K::atanh, {}, {1, -1, -0.0f}, {kInf, -kInf, -0.0f});
  check(K::gelu_erf, {}, {kInf, -kInf, kMax, -kMax, kNan}, {kInf, 0, kMax, 0, kNan});
}

TEST(UnaryLanes, SameBytesInEveryBuild) {
  const std::vector<float> x = floats(40001, Mix::hostile, 77);
  uint64_t all = 0;
  for (UnaryKind kind : kKinds) {
    const uint64_t one = value_hash(run(unary_f32(kind), x, kParams[4]));
    all = all * 31 + one;
  }
  EXPECT_EQ(all, 0xf61a8c87ba5ab8fau) << std::hex << all;
}

}  // namespace
}  // namespace narrowcast::kernels

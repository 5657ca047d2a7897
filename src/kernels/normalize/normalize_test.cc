#include "kernels/normalize/normalize.h"

#include <gtest/gtest.h>

#include "base/math/pow.h"
#include "base/math/sqrt.h"
#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

const float* or_none(const std::vector<float>& values, bool wanted) { return wanted ? values.data() : nullptr; }

TEST(Normalize, RowsSimdEqualsReference) {
  for (std::size_t n : kLengths) {
    if (n == 0) continue;
    for (std::size_t option = 0; option < 4; ++option) {
      for (Mix mix : {Mix::ordinary, Mix::hostile}) {
        const std::vector<float> x = floats(3 * n, mix, n), gamma = floats(n, Mix::ordinary, 1),
                                 beta = floats(n, Mix::ordinary, 2);
        std::vector<float> mean(3), inv(3), ref_mean(3), ref_inv(3), y(3 * n), ref(3 * n), in_place = x;
        RowNorm p{.rows = 3, .n = n, .gamma = or_none(gamma, option & 1), .beta = or_none(beta, option & 2)};
        p.epsilon = 1e-5f;
        RowNorm with_stats = p, ref_stats = p;
        with_stats.mean = mean.data(), with_stats.inv_std = inv.data();
        ref_stats.mean = ref_mean.data(), ref_stats.inv_std = ref_inv.data();
        layer_norm_f32__simd(x.data(), with_stats, y.data());
        layer_norm_f32__ref(x.data(), ref_stats, ref.data());
        layer_norm_f32__simd(in_place.data(), p, in_place.data());
        ASSERT_EQ(value_bits(y), value_bits(ref)) << n;
        ASSERT_EQ(value_bits(in_place), value_bits(ref)) << n;
        ASSERT_EQ(value_bits(mean), value_bits(ref_mean)) << n;
        ASSERT_EQ(value_bits(inv), value_bits(ref_inv)) << n;
        rms_norm_f32__simd(x.data(), with_stats, y.data());
        rms_norm_f32__ref(x.data(), ref_stats, ref.data());
        ASSERT_EQ(value_bits(y), value_bits(ref)) << n;
        ASSERT_EQ(value_bits(inv), value_bits(ref_inv)) << n;
      }
    }
  }
}

TEST(Normalize, GroupsSimdEqualReference) {
  for (std::size_t pixels : {1, 3, 4, 9, 300, 5000}) {
    for (const auto& [channels, groups] :
         {std::pair<std::size_t, std::size_t>{1, 1}, {6, 2}, {6, 6}, {20, 5}, {8, 1}}) {
      for (Mix mix : {Mix::ordinary, Mix::hostile}) {
        const std::vector<float> x = floats(2 * pixels * channels, mix, pixels), gamma = floats(channels, mix, 3);
        GroupNorm p{.batch = 2, .pixels = pixels, .channels = channels, .groups = groups, .gamma = gamma.data()};
        p.epsilon = 1e-3f;
        if (pixels % 2 == 1) p.beta = gamma.data();
        std::vector<float> y(x.size()), ref(x.size()), scratch(3 * channels);
        group_norm_nhwc_f32__simd(x.data(), p, y.data(), scratch.data());
        group_norm_nhwc_f32__ref(x.data(), p, ref.data(), scratch.data());
        ASSERT_EQ(value_bits(y), value_bits(ref)) << pixels << " " << channels;
        group_norm_nchw_f32__simd(x.data(), p, y.data());
        group_norm_nchw_f32__ref(x.data(), p, ref.data());
        ASSERT_EQ(value_bits(y), value_bits(ref)) << pixels << " " << channels;
      }
    }
  }
}

TEST(Normalize, ScaleShiftSimdEqualsReference) {
  for (std::size_t channels : {1, 3, 4, 10, 33}) {
    const std::vector<float> x = floats(7 * channels, Mix::hostile, channels),
                             scale = floats(channels, Mix::hostile, 1);
    std::vector<float> y(x.size()), ref(x.size());
    scale_shift_f32__simd(x.data(), 7, channels, scale.data(), x.data(), y.data());
    scale_shift_f32__ref(x.data(), 7, channels, scale.data(), x.data(), ref.data());
    ASSERT_EQ(value_bits(y), value_bits(ref)) << channels;
  }
}

TEST(Normalize, LrnSimdEqualsReference) {
  for (std::size_t channels : {1, 2, 5, 16, 33}) {
    for (std::size_t inner : {1, 5, 9}) {
      for (float beta : {0.75f, 0.5f, 1.0f, 0.6f}) {
        for (std::size_t size : {1, 2, 5, 7}) {
          const std::vector<float> x = floats(2 * channels * inner, size == 5 ? Mix::hostile : Mix::ordinary, channels);
          const Lrn p{2, channels, inner, (size - 1) / 2, size / 2, 0.1f, beta, 1.5f};
          std::vector<float> y(x.size()), ref(x.size()), scratch(channels + p.below + p.above);
          lrn_f32__simd(x.data(), p, y.data(), scratch.data());
          lrn_f32__ref(x.data(), p, ref.data(), scratch.data());
          ASSERT_EQ(value_bits(y), value_bits(ref)) << channels << " " << inner << " " << beta << " " << size;
        }
      }
    }
  }
}

struct Moments {
  double mean = 0, variance = 0;
};
Moments moments(const std::vector<float>& x) {
  Moments m;
  for (float value : x) m.mean += value / static_cast<double>(x.size());
  for (float value : x) m.variance += (value - m.mean) * (value - m.mean) / static_cast<double>(x.size());
  return m;
}

TEST(Normalize, NearTheFloat64Result) {
  const std::vector<float> x = floats(3000, Mix::ordinary, 4);
  const Moments m = moments(x);
  std::vector<float> y(3000), scratch(9);
  layer_norm_f32(x.data(), {.rows = 1, .n = 3000, .epsilon = 1e-5f}, y.data());
  for (std::size_t i = 0; i < 3000; ++i) {
    ASSERT_NEAR(y[i], (x[i] - m.mean) / math::sqrt(m.variance + 1e-5), 2e-6);
  }
  group_norm_nhwc_f32(x.data(), {.batch = 1, .pixels = 1000, .channels = 3, .groups = 1, .epsilon = 1e-5f}, y.data(),
                      scratch.data());
  for (std::size_t i = 0; i < 3000; ++i) {
    ASSERT_NEAR(y[i], (x[i] - m.mean) / math::sqrt(m.variance + 1e-5), 2e-6);
  }
  double squares = 0;
  for (float value : x) squares += static_cast<double>(value) * value;
  rms_norm_f32(x.data(), {.rows = 1, .n = 3000, .epsilon = 1e-5f}, y.data());
  for (std::size_t i = 0; i < 3000; ++i) ASSERT_NEAR(y[i], x[i] / math::sqrt(squares / 3000 + 1e-5), 2e-6);
}

TEST(Normalize, GroupsAgreeBetweenLayouts) {
  constexpr std::size_t kPixels = 40, kChannels = 6;
  const std::vector<float> x = floats(kPixels * kChannels, Mix::ordinary, 4),
                           gamma = floats(kChannels, Mix::ordinary, 5);
  std::vector<float> planes(x.size()), y(x.size()), z(x.size()), scratch(3 * kChannels);
  for (std::size_t i = 0; i < x.size(); ++i) planes[i % kChannels * kPixels + i / kChannels] = x[i];
  GroupNorm p{.batch = 1, .pixels = kPixels, .channels = kChannels, .groups = 2, .gamma = gamma.data()};
  p.epsilon = 1e-5f;
  group_norm_nhwc_f32(x.data(), p, y.data(), scratch.data());
  group_norm_nchw_f32(planes.data(), p, z.data());
  for (std::size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(y[i], z[i % kChannels * kPixels + i / kChannels], 1e-5);
}

TEST(Normalize, LrnNearTheFormula) {
  const std::vector<float> x = floats(50, Mix::ordinary, 6);
  for (float beta : {0.75f, 0.3f}) {
    const Lrn p{5, 10, 1, 1, 2, 0.25f, beta, 1};
    std::vector<float> y(50), scratch(13);
    lrn_f32(x.data(), p, y.data(), scratch.data());
    for (int i = 0; i < 50; ++i) {
      double squares = 0;
      for (int k = i % 10 - 1; k <= i % 10 + 2; ++k) {
        if (k >= 0 && k < 10) squares += static_cast<double>(x[i - i % 10 + k]) * x[i - i % 10 + k];
      }
      ASSERT_NEAR(y[i], x[i] / math::pow(1 + 0.25 * squares, beta), 1e-6);
    }
  }
}

TEST(Normalize, SameBytesInEveryBuild) {
  const std::vector<float> x = floats(6000, Mix::ordinary, 9), gamma = floats(30, Mix::ordinary, 1);
  std::vector<float> y(6000), scratch(100);
  uint64_t all = 0;
  const auto take = [&] { all = all * 31 + value_hash(y); };
  layer_norm_f32(x.data(), {.rows = 200, .n = 30, .gamma = gamma.data(), .beta = gamma.data(), .epsilon = 1e-5f},
                 y.data());
  take();
  rms_norm_f32(x.data(), {.rows = 1, .n = 6000, .epsilon = 1e-5f}, y.data());
  take();
  const GroupNorm p{1, 200, 30, 5, gamma.data(), nullptr, 1e-5f};
  group_norm_nhwc_f32(x.data(), p, y.data(), scratch.data());
  take();
  group_norm_nchw_f32(x.data(), p, y.data());
  take();
  lrn_f32(x.data(), {200, 30, 1, 2, 2, 1e-2f, 0.7f, 1}, y.data(), scratch.data());
  take();
  EXPECT_EQ(all, 0x31db241c8de6ccedu) << std::hex << all;
}

}  // namespace
}  // namespace narrowcast::kernels

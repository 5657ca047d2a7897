#include "kernels/winograd/winograd.h"

#include <gtest/gtest.h>

#include "kernels/conv/conv_test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

using Kernel = decltype(winograd_f32__ref);

constexpr Window kSame{.top = 1, .left = 1, .bottom = 1, .right = 1};
constexpr Window kPaddings[] = {
    kSame, {}, {.left = 2, .bottom = 1}, {.top = 3, .left = 5, .bottom = 4, .right = 6}, {.right = 2}};

Floats run(Kernel* kernel, ConvData& at, const Epilogue& epilogue, bool with_bias = true) {
  Floats y = at.output(), packed(packed_winograd_floats(at.shape));
  pack_winograd_f32(at.weights.data(), at.shape, oihw_strides(at.shape), nullptr, packed.data());
  Floats scratch(winograd_scratch_bytes(at.shape) / sizeof(float), std::nanf(""));
  kernel(at.shape, at.x.data(), at.x_stride, packed.data(), with_bias ? at.bias.data() : nullptr, y.data(), at.y_stride,
         scratch.data(), epilogue);
  return y;
}

void expect_equal(const ConvShape& shape, Mix mix, std::size_t gap, const Clamp& clamp = {}, bool with_bias = true) {
  if (shape.pixels() == 0) return;
  ConvData at(shape, mix, gap);
  ASSERT_EQ(bits_one_nan(run(winograd_f32__simd, at, {clamp}, with_bias).values()),
            bits_one_nan(run(winograd_f32__ref, at, {clamp}, with_bias).values()))
      << describe(shape);
}

TEST(Winograd, SimdEqualsReferenceInAllWidthsAndPaddings) {
  for (std::size_t w = 1; w <= 20; ++w) {
    for (const Window& window : kPaddings) {
      expect_equal(conv_shape(1 + w % 7, w, 3, 5, window), Mix::ordinary, w % 3, {-2, 4}, w % 2 == 0);
      expect_equal(conv_shape(3, w, 4, 2, window), Mix::hostile, 0);
    }
  }
}

TEST(Winograd, SimdEqualsReferenceInAllChannels) {
  for (std::size_t in_c : {1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 33}) {
    for (std::size_t out_c : {1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 33}) {
      expect_equal(conv_shape(5, 6, in_c, out_c, kSame), Mix::ordinary, in_c % 3);
    }
  }
}

TEST(Winograd, ManyBlocksEqualReference) { expect_equal(conv_shape(45, 50, 5, 3, kSame), Mix::ordinary, 0); }

// 3e-5 of the largest output; the bound that winograd.h states.
TEST(Winograd, AgreesWithFloat64) {
  for (std::size_t channels : {3, 32, 128, 512}) {
    ConvData at(conv_shape(14, 13, channels, 6, kSame), Mix::ordinary);
    const double error = relative_error(run(winograd_f32__simd, at, {}).values(), at.in_float64(nullptr));
    EXPECT_LE(error, 3e-5) << channels;
  }
}

TEST(Winograd, PacksBothOrdersAndScales) {
  const ConvShape shape = conv_shape(5, 5, 3, 11, kSame);
  const std::vector<float> oihw = floats(11 * 27, Mix::ordinary, 4), scale = floats(11, Mix::ordinary, 5);
  std::vector<float> ohwi, scaled;
  for (std::size_t at = 0; at < oihw.size(); ++at) {
    scaled.push_back(oihw[at] * scale[at / 27]);
    ohwi.push_back(oihw[at / 27 * 27 + at % 3 * 9 + at % 27 / 3]);
  }
  Floats a(packed_winograd_floats(shape)), b(packed_winograd_floats(shape)), c(packed_winograd_floats(shape));
  Unaligned unaligned(ohwi, 1);
  pack_winograd_f32(oihw.data(), shape, oihw_strides(shape), scale.data(), a.data());
  pack_winograd_f32(unaligned.data(), shape, ohwi_strides(shape), scale.data(), b.data());
  pack_winograd_f32(scaled.data(), shape, oihw_strides(shape), nullptr, c.data());
  EXPECT_EQ(bits(a.values()), bits(b.values()));
  EXPECT_EQ(bits(a.values()), bits(c.values()));
}

TEST(Winograd, PaysOnlyWhereItIsDefined) {
  ConvShape shape = conv_shape(14, 14, 64, 64, kSame);
  EXPECT_TRUE(winograd_pays(shape));
  shape.stride_w = 2;
  EXPECT_FALSE(winograd_pays(shape));
  EXPECT_FALSE(winograd_pays(conv_shape(14, 14, 64, 64, kWindows[6])));
  EXPECT_FALSE(winograd_pays(conv_shape(14, 14, 64, 64, kSame, 2)));
  EXPECT_FALSE(winograd_pays(conv_shape(14, 14, 4, 64, kSame)));
  EXPECT_FALSE(winograd_pays(conv_shape(4, 4, 64, 64, kSame)));
  EXPECT_FALSE(winograd_pays(conv_shape(1, 50, 64, 64, kSame)));
}

TEST(Winograd, FinishSeesEveryRowOnceAscending) {
  for (Kernel* kernel : {winograd_f32__ref, winograd_f32__simd}) {
    for (const ConvShape& shape : {conv_shape(33, 37, 4, 10, kSame), conv_shape(3, 300, 3, 5, kSame),
                                   conv_shape(1, 1, 2, 3, kSame), conv_shape(70, 3, 1, 4, kSame)}) {
      ConvData at(shape, Mix::ordinary, 2);
      Floats expected = run(winograd_f32__ref, at, {{-1, 2}}), y = at.output();
      Watch watch(y.data(), shape.out_c, at.y_stride);
      Floats packed(packed_winograd_floats(shape));
      pack_winograd_f32(at.weights.data(), shape, oihw_strides(shape), nullptr, packed.data());
      Floats scratch(winograd_scratch_bytes(shape) / sizeof(float));
      kernel(shape, at.x.data(), at.x_stride, packed.data(), at.bias.data(), y.data(), at.y_stride, scratch.data(),
             watch.epilogue({-1, 2}));
      EXPECT_TRUE(watch.ascending);
      EXPECT_EQ(watch.next, shape.pixels());
      Watch::finish(&watch, expected.data(), 0, shape.pixels());
      EXPECT_EQ(bits(y.values()), bits(expected.values()));
    }
  }
}

TEST(Winograd, SameBytesInEveryBuild) {
  uint64_t got = 0;
  for (const Window& window : kPaddings) {
    ConvData at(conv_shape(11, 13, 6, 20, window), Mix::ordinary);
    got = hash(run(winograd_f32, at, {{-3, 30}}).values(), got);
  }
  EXPECT_EQ(got, 0xac6a906cc7801ce5u) << std::hex << got;
}

}  // namespace
}  // namespace narrowcast::kernels

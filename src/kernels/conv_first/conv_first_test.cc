#include "kernels/conv_first/conv_first.h"

#include <gtest/gtest.h>

#include "kernels/conv/conv_test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

using Kernel = decltype(conv_first_f32__ref);

// The image of `at` as planes, `gap` floats between them.
Floats planes(ConvData& at, std::size_t gap) {
  const std::size_t pixels = at.shape.in_h * at.shape.in_w;
  Floats x((at.shape.in_c - 1) * (pixels + gap) + pixels);
  for (std::size_t i = 0; i < pixels * at.shape.in_c; ++i) {
    const std::size_t c = i / pixels, pixel = i % pixels;
    x.data()[c * (pixels + gap) + pixel] = at.pixel(pixel / at.shape.in_w, pixel % at.shape.in_w, c);
  }
  return x;
}

Floats run(Kernel* kernel, ImageLayout layout, ConvData& at, const Epilogue& epilogue, bool with_bias = true) {
  Floats y = at.output(), planar = planes(at, 5);
  // Exactly as long as promised, so that ASan sees a float beyond.
  Floats scratch(conv_first_scratch_bytes(layout, at.shape) / sizeof(float), std::nanf(""));
  const bool nchw = layout == ImageLayout::nchw;
  kernel(layout, at.shape, nchw ? planar.data() : at.x.data(), nchw ? at.shape.in_h * at.shape.in_w + 5 : at.x_stride,
         at.packed.data(), with_bias ? at.bias.data() : nullptr, y.data(), at.y_stride, scratch.data(), epilogue);
  return y;
}

void expect_equal(const ConvShape& shape, Mix mix, std::size_t gap, const Clamp& clamp = {}, bool with_bias = true) {
  if (shape.pixels() == 0) return;
  ConvData at(shape, mix, gap);
  Floats wanted = at.output();
  conv_f32__ref(shape, at.x.data(), at.x_stride, at.packed.data(), with_bias ? at.bias.data() : nullptr, wanted.data(),
                at.y_stride, nullptr, {clamp});
  for (ImageLayout layout : {ImageLayout::nchw, ImageLayout::nhwc}) {
    for (Kernel* kernel : {conv_first_f32__ref, conv_first_f32__simd}) {
      ASSERT_EQ(bits_one_nan(run(kernel, layout, at, {clamp}, with_bias).values()), bits_one_nan(wanted.values()))
          << describe(shape) << (layout == ImageLayout::nchw);
    }
  }
}

TEST(ConvFirst, EqualsConvInAllWidthsAndWindows) {
  for (std::size_t w = 1; w <= 20; ++w) {
    for (const Window& window : kWindows) {
      expect_equal(conv_shape(1 + w % 7, w, 3, 9, window), Mix::ordinary, w % 3, {-2, 4}, w % 2 == 0);
      expect_equal(conv_shape(3, w, 2, 4, window), Mix::hostile, 0);
    }
  }
}

TEST(ConvFirst, EqualsConvInAllChannels) {
  for (std::size_t in_c : {1, 2, 3, 4, 5, 12}) {
    for (std::size_t out_c : {1, 3, 4, 5, 7, 8, 9, 12, 17, 33}) {
      expect_equal(conv_shape(7, 9, in_c, out_c, kWindows[3]), Mix::ordinary, 1);
    }
  }
}

TEST(ConvFirst, ManyBandsEqualConv) { expect_equal(conv_shape(150, 200, 4, 5, kWindows[7]), Mix::ordinary, 0); }

TEST(ConvFirst, AgreesWithFloat64) {
  for (const Window& window : kWindows) {
    ConvData at(conv_shape(19, 11, 3, 12, window), Mix::ordinary, 1);
    for (ImageLayout layout : {ImageLayout::nchw, ImageLayout::nhwc}) {
      Floats y = run(conv_first_f32__simd, layout, at, {});
      expect_close(at, y);
    }
  }
}

TEST(ConvFirst, FinishSeesEveryRowOnceAscending) {
  for (Kernel* kernel : {conv_first_f32__ref, conv_first_f32__simd}) {
    for (const ConvShape& shape : {conv_shape(33, 17, 3, 10, kWindows[3]), conv_shape(9, 9, 1, 900, kWindows[2]),
                                   conv_shape(200, 2, 1, 3, kWindows[2])}) {
      ConvData at(shape, Mix::ordinary, 2);
      Floats expected = run(conv_first_f32__ref, ImageLayout::nhwc, at, {{-1, 2}}), y = at.output();
      std::vector<uint64_t> scratch(conv_first_scratch_bytes(ImageLayout::nhwc, shape) / 8 + 1);
      Watch watch(y.data(), shape.out_c, at.y_stride);
      kernel(ImageLayout::nhwc, shape, at.x.data(), at.x_stride, at.packed.data(), at.bias.data(), y.data(),
             at.y_stride, scratch.data(), watch.epilogue({-1, 2}));
      EXPECT_TRUE(watch.ascending);
      EXPECT_EQ(watch.next, shape.pixels());
      Watch::finish(&watch, expected.data(), 0, shape.pixels());
      EXPECT_EQ(bits(y.values()), bits(expected.values()));
    }
  }
}

TEST(ConvFirst, SameBytesInEveryBuild) {
  uint64_t got = 0;
  for (const Window& window : kWindows) {
    ConvData at(conv_shape(31, 43, 3, 20, window), Mix::ordinary);
    got = hash(run(conv_first_f32, ImageLayout::nchw, at, {{-3, 30}}).values(), got);
  }
  EXPECT_EQ(got, 0x79fbf659612ae69bu) << std::hex << got;
}

}  // namespace
}  // namespace narrowcast::kernels

#include "kernels/conv_transpose/conv_transpose.h"

#include <gtest/gtest.h>

#include <span>

#include "kernels/conv/conv_test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

using Kernel = decltype(conv_transpose_f32__ref);

// `more`: output padding.
ConvShape transpose_shape(std::size_t h, std::size_t w, std::size_t in_c, std::size_t out_c, const Window& at,
                          std::size_t groups = 1, std::size_t more = 0) {
  ConvShape shape = conv_shape(h, w, in_c, out_c, at, groups);
  const auto size = [more](std::size_t in, std::size_t k, std::size_t stride, std::size_t dilation, std::size_t pads) {
    const std::size_t all = (in - 1) * stride + (k - 1) * dilation + 1 + more;
    return all > pads ? all - pads : 0;
  };
  shape.out_h = size(h, at.kernel_h, at.stride_h, at.dilation_h, at.top + at.bottom);
  shape.out_w = size(w, at.kernel_w, at.stride_w, at.dilation_w, at.left + at.right);
  return shape;
}

Floats run(Kernel* kernel, ConvData& at, const Epilogue& epilogue, bool with_bias = true) {
  Floats y = at.output(), packed(packed_conv_transpose_floats(at.shape));
  pack_conv_transpose_f32(at.weights.data(), at.shape, iohw_strides(at.shape), nullptr, packed.data());
  std::vector<uint64_t> scratch((conv_transpose_scratch_bytes(at.shape) + 7) / 8);
  kernel(at.shape, at.x.data(), at.x_stride, packed.data(), with_bias ? at.bias.data() : nullptr, y.data(), at.y_stride,
         scratch.data(), epilogue);
  return y;
}

void expect_equal(const ConvShape& shape, Mix mix, std::size_t gap, const Clamp& clamp = {}, bool with_bias = true) {
  if (shape.pixels() == 0) return;
  ConvData at(shape, mix, gap);
  ASSERT_EQ(bits_one_nan(run(conv_transpose_f32__simd, at, {clamp}, with_bias).values()),
            bits_one_nan(run(conv_transpose_f32__ref, at, {clamp}, with_bias).values()))
      << describe(shape);
}

const Window kUp[] = {
    {.kernel_h = 2, .kernel_w = 2, .stride_h = 2, .stride_w = 2},
    {.stride_h = 2, .stride_w = 2, .top = 1, .left = 1, .bottom = 1, .right = 1},
    {.kernel_h = 4, .kernel_w = 4, .stride_h = 2, .stride_w = 2, .top = 1, .left = 1, .bottom = 1, .right = 1},
    {.kernel_h = 1, .kernel_w = 2, .stride_h = 3, .stride_w = 4},
    {.kernel_h = 5,
     .kernel_w = 3,
     .stride_h = 3,
     .stride_w = 2,
     .dilation_h = 2,
     .dilation_w = 2,
     .top = 4,
     .right = 3},
};

TEST(ConvTranspose, SimdEqualsReferenceInAllWidthsAndWindows) {
  for (std::size_t w = 1; w <= 20; ++w) {
    for (std::span<const Window> windows : {std::span<const Window>(kWindows), std::span<const Window>(kUp)}) {
      for (const Window& window : windows) {
        expect_equal(transpose_shape(1 + w % 5, w, 3, 9, window), Mix::ordinary, w % 3, {-2, 4}, w % 2 == 0);
        expect_equal(transpose_shape(2, w, 2, 4, window, 1, 1), Mix::hostile, 0);
      }
    }
  }
}

TEST(ConvTranspose, SimdEqualsReferenceInAllChannelsAndGroups) {
  for (std::size_t in_c : {1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 33}) {
    for (std::size_t out_c : {1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 33}) {
      expect_equal(transpose_shape(3, 4, in_c, out_c, kUp[1]), Mix::ordinary, in_c % 3);
    }
  }
  for (std::size_t groups : {2, 3, 5}) {
    for (const Window& window : kUp) {
      expect_equal(transpose_shape(4, 5, 3 * groups, groups, window, groups), Mix::ordinary, 2);
      expect_equal(transpose_shape(4, 5, groups, 9 * groups, window, groups, 1), Mix::ordinary, 0);
    }
  }
}

TEST(ConvTranspose, LongLinesEqualReference) { expect_equal(transpose_shape(2, 150, 3, 5, kUp[2]), Mix::ordinary, 0); }

// Each input adds to the outputs it reaches, in float64; at most depth + 1 roundings of 2^-24 of the absolute products.
TEST(ConvTranspose, AgreesWithScatteringInFloat64) {
  for (const Window& window : kUp) {
    for (std::size_t groups : {1, 2}) {
      ConvData at(transpose_shape(5, 6, 6, 4, window, groups), Mix::ordinary, 1);
      const ConvShape& s = at.shape;
      std::vector<double> sums, absolutes;
      for (std::size_t i = 0; i < s.pixels() * s.out_c; ++i) {
        sums.push_back(at.bias.data()[i % s.out_c]);
        absolutes.push_back(std::abs(sums.back()));
      }
      for (std::size_t pixel = 0; pixel < s.in_h * s.in_w; ++pixel) {
        for (std::size_t index = 0; index < s.in_c * s.group_out() * s.taps(); ++index) {
          const std::size_t i = index / (s.group_out() * s.taps()), tap = index % s.taps();
          const std::size_t o = i / s.group_in() * s.group_out() + index / s.taps() % s.group_out();
          const std::size_t oh = pixel / s.in_w * s.stride_h + tap / s.kernel_w * s.dilation_h - s.pad_top;
          const std::size_t ow = pixel % s.in_w * s.stride_w + tap % s.kernel_w * s.dilation_w - s.pad_left;
          if (oh >= s.out_h || ow >= s.out_w) continue;
          const double product = static_cast<double>(at.pixel(pixel / s.in_w, pixel % s.in_w, i)) * at.weights[index];
          sums[(oh * s.out_w + ow) * s.out_c + o] += product;
          absolutes[(oh * s.out_w + ow) * s.out_c + o] += std::abs(product);
        }
      }
      Floats y = run(conv_transpose_f32__simd, at, {});
      for (std::size_t i = 0; i < sums.size(); ++i) {
        const float got = y.data()[i / s.out_c * at.y_stride + i % s.out_c];
        ASSERT_NEAR(got, sums[i], absolutes[i] * static_cast<double>(s.depth() + 1) * 0x1p-24) << describe(s);
      }
    }
  }
}

TEST(ConvTranspose, PacksBothOrdersAndScales) {
  const ConvShape s = transpose_shape(4, 5, 3, 11, kUp[2]);
  const std::vector<float> iohw = floats(3 * 11 * 16, Mix::ordinary, 4), scale = floats(11, Mix::ordinary, 5);
  std::vector<float> ohwi(iohw.size()), scaled;
  for (std::size_t at = 0; at < iohw.size(); ++at) {
    const std::size_t i = at / 176, o = at / 16 % 11, tap = at % 16;
    ohwi[(o * 16 + tap) * 3 + i] = iohw[at];
    scaled.push_back(iohw[at] * scale[o]);
  }
  Floats a(packed_conv_transpose_floats(s)), b(packed_conv_transpose_floats(s)), c(packed_conv_transpose_floats(s));
  Unaligned unaligned(ohwi, 1);
  pack_conv_transpose_f32(iohw.data(), s, iohw_strides(s), scale.data(), a.data());
  pack_conv_transpose_f32(unaligned.data(), s, ohwi_strides(s), scale.data(), b.data());
  pack_conv_transpose_f32(scaled.data(), s, iohw_strides(s), nullptr, c.data());
  EXPECT_EQ(bits(a.values()), bits(b.values()));
  EXPECT_EQ(bits(a.values()), bits(c.values()));
}

TEST(ConvTranspose, FinishSeesEveryRowOnceAscending) {
  for (Kernel* kernel : {conv_transpose_f32__ref, conv_transpose_f32__simd}) {
    for (const ConvShape& shape : {transpose_shape(13, 17, 4, 10, kUp[0]), transpose_shape(2, 3, 4, 900, kUp[1]),
                                   transpose_shape(1, 1, 2, 3, kUp[3])}) {
      ConvData at(shape, Mix::ordinary, 2);
      Floats expected = run(conv_transpose_f32__ref, at, {{-1, 2}}), y = at.output();
      Watch watch(y.data(), shape.out_c, at.y_stride);
      Floats packed(packed_conv_transpose_floats(shape));
      pack_conv_transpose_f32(at.weights.data(), shape, iohw_strides(shape), nullptr, packed.data());
      std::vector<uint64_t> scratch((conv_transpose_scratch_bytes(shape) + 7) / 8);
      kernel(shape, at.x.data(), at.x_stride, packed.data(), at.bias.data(), y.data(), at.y_stride, scratch.data(),
             watch.epilogue({-1, 2}));
      EXPECT_TRUE(watch.ascending);
      EXPECT_EQ(watch.next, shape.pixels());
      Watch::finish(&watch, expected.data(), 0, shape.pixels());
      EXPECT_EQ(bits(y.values()), bits(expected.values()));
    }
  }
}

TEST(ConvTranspose, SameBytesInEveryBuild) {
  uint64_t got = 0;
  for (const Window& window : kUp) {
    ConvData at(transpose_shape(11, 13, 6, 20, window, 2), Mix::ordinary);
    got = hash(run(conv_transpose_f32, at, {{-3, 30}}).values(), got);
  }
  EXPECT_EQ(got, 0x20ff82bd49e0ee2cu) << std::hex << got;
}

}  // namespace
}  // namespace narrowcast::kernels

#include "kernels/conv/conv.h"

#include <gtest/gtest.h>

#include "kernels/conv/conv_test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

using Kernel = decltype(conv_f32__ref);

Floats run(Kernel* kernel, ConvData& at, const Epilogue& epilogue, bool with_bias = true) {
  Floats y = at.output();
  std::vector<uint64_t> scratch((conv_scratch_bytes(at.shape) + 7) / 8);
  kernel(at.shape, at.x.data(), at.x_stride, at.packed.data(), with_bias ? at.bias.data() : nullptr, y.data(),
         at.y_stride, scratch.data(), epilogue);
  return y;
}

void expect_equal(const ConvShape& shape, Mix mix, std::size_t gap, const Clamp& clamp = {}, bool with_bias = true) {
  if (shape.pixels() == 0) return;
  ConvData at(shape, mix, gap);
  ASSERT_EQ(bits_one_nan(run(conv_f32__simd, at, {clamp}, with_bias).values()),
            bits_one_nan(run(conv_f32__ref, at, {clamp}, with_bias).values()))
      << describe(shape);
}

TEST(Conv, SimdEqualsReferenceInAllChannels) {
  for (std::size_t in_c : {1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 33}) {
    for (std::size_t out_c : {1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 33}) {
      expect_equal(conv_shape(5, 6, in_c, out_c, kWindows[2]), Mix::ordinary, in_c % 3, {}, out_c % 2 == 0);
    }
  }
}

TEST(Conv, SimdEqualsReferenceInAllWidthsAndWindows) {
  for (std::size_t w = 1; w <= 20; ++w) {
    for (const Window& window : kWindows) {
      expect_equal(conv_shape(1 + w % 7, w, 3, 9, window), Mix::ordinary, 1, {-2, 4});
      expect_equal(conv_shape(3, w, 2, 4, window), Mix::hostile, 0);
    }
  }
}

TEST(Conv, SimdEqualsReferenceInGroups) {
  for (std::size_t groups : {2, 3, 5}) {
    for (std::size_t in_c : {1, 3, 4}) {
      for (std::size_t out_c : {1, 2, 8, 11}) {
        for (const Window& window : kWindows) {
          expect_equal(conv_shape(6, 7, in_c * groups, out_c * groups, window, groups), Mix::ordinary, 2);
        }
      }
    }
  }
}

TEST(Conv, AgreesWithFloat64) {
  for (const Window& window : kWindows) {
    for (std::size_t groups : {1, 3}) {
      ConvData at(conv_shape(9, 11, 6, 12, window, groups), Mix::ordinary, 1);
      Floats y = run(conv_f32__simd, at, {});
      expect_close(at, y);
    }
  }
}

TEST(Conv, PacksBothOrdersAndScales) {
  const ConvShape shape = conv_shape(5, 5, 6, 22, {.kernel_h = 2, .kernel_w = 3}, 2);
  const std::vector<float> oihw = floats(shape.out_c * shape.depth(), Mix::ordinary, 4);
  const std::vector<float> scale = floats(shape.out_c, Mix::ordinary, 5);
  std::vector<float> ohwi, scaled;
  for (std::size_t o = 0; o < shape.out_c; ++o) {
    for (std::size_t i = 0; i < shape.depth(); ++i) scaled.push_back(oihw[o * shape.depth() + i] * scale[o]);
    for (std::size_t tap = 0; tap < shape.taps(); ++tap) {
      for (std::size_t i = 0; i < shape.group_in(); ++i) {
        ohwi.push_back(oihw[o * shape.depth() + i * shape.taps() + tap]);
      }
    }
  }
  Floats a(packed_conv_floats(shape)), b(packed_conv_floats(shape)), c(packed_conv_floats(shape));
  Unaligned unaligned(ohwi, 1);
  pack_conv_f32(oihw.data(), shape, oihw_strides(shape), scale.data(), a.data());
  pack_conv_f32(unaligned.data(), shape, ohwi_strides(shape), scale.data(), b.data());
  pack_conv_f32(scaled.data(), shape, oihw_strides(shape), nullptr, c.data());
  EXPECT_EQ(bits(a.values()), bits(b.values()));
  EXPECT_EQ(bits(a.values()), bits(c.values()));
}

TEST(Conv, FinishSeesEveryRowOnceAscending) {
  for (Kernel* kernel : {conv_f32__ref, conv_f32__simd}) {
    for (const ConvShape& shape : {conv_shape(13, 17, 4, 10, kWindows[2]), conv_shape(13, 17, 4, 10, kWindows[0]),
                                   conv_shape(9, 9, 8, 600, kWindows[3], 4), conv_shape(1, 1, 2, 3, kWindows[2])}) {
      ConvData at(shape, Mix::ordinary, 2);
      Floats expected = run(conv_f32__ref, at, {{-1, 2}}), y = at.output();
      std::vector<uint64_t> scratch((conv_scratch_bytes(shape) + 7) / 8);
      Watch watch(y.data(), shape.out_c, at.y_stride);
      kernel(shape, at.x.data(), at.x_stride, at.packed.data(), at.bias.data(), y.data(), at.y_stride, scratch.data(),
             watch.epilogue({-1, 2}));
      EXPECT_TRUE(watch.ascending);
      EXPECT_EQ(watch.next, shape.pixels());
      Watch::finish(&watch, expected.data(), 0, shape.pixels());
      EXPECT_EQ(bits(y.values()), bits(expected.values()));
    }
  }
}

TEST(Conv, SameBytesInEveryBuild) {
  uint64_t got = 0;
  for (const Window& window : kWindows) {
    ConvData at(conv_shape(11, 13, 6, 20, window, 2), Mix::ordinary);
    got = hash(run(conv_f32, at, {{-3, 30}}).values(), got);
  }
  EXPECT_EQ(got, 0x313aeff2c774fdd4u) << std::hex << got;
}

}  // namespace
}  // namespace narrowcast::kernels

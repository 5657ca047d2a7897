#include "kernels/depthwise/depthwise.h"

#include <gtest/gtest.h>

#include "kernels/conv/conv_test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

using Kernel = decltype(depthwise_f32__ref);

ConvShape depthwise_shape(std::size_t h, std::size_t w, std::size_t channels, const Window& at) {
  return conv_shape(h, w, channels, channels, at, channels);
}

Floats run(Kernel* kernel, ConvData& at, const Epilogue& epilogue, bool with_bias = true) {
  Floats y = at.output(), packed(packed_depthwise_floats(at.shape));
  pack_depthwise_f32(at.weights.data(), at.shape, oihw_strides(at.shape), nullptr, packed.data());
  std::vector<uint64_t> scratch((depthwise_scratch_bytes(at.shape) + 7) / 8);
  kernel(at.shape, at.x.data(), at.x_stride, packed.data(), with_bias ? at.bias.data() : nullptr, y.data(), at.y_stride,
         scratch.data(), epilogue);
  return y;
}

void expect_equal(const ConvShape& shape, Mix mix, std::size_t gap, const Clamp& clamp = {}, bool with_bias = true) {
  if (shape.pixels() == 0) return;
  ConvData at(shape, mix, gap);
  Floats wanted = at.output();
  conv_f32__ref(shape, at.x.data(), at.x_stride, at.packed.data(), with_bias ? at.bias.data() : nullptr, wanted.data(),
                at.y_stride, nullptr, {clamp});
  for (Kernel* kernel : {depthwise_f32__ref, depthwise_f32__simd}) {
    ASSERT_EQ(bits_one_nan(run(kernel, at, {clamp}, with_bias).values()), bits_one_nan(wanted.values()))
        << describe(shape);
  }
}

TEST(Depthwise, EqualsGroupedConvInAllWidthsAndWindows) {
  for (std::size_t w = 1; w <= 20; ++w) {
    for (const Window& window : kWindows) {
      expect_equal(depthwise_shape(1 + w % 7, w, 9, window), Mix::ordinary, w % 3, {-2, 4}, w % 2 == 0);
      expect_equal(depthwise_shape(3, w, 7, window), Mix::hostile, 0);
    }
  }
}

TEST(Depthwise, EqualsGroupedConvInAllChannelsAndShortKernels) {
  for (std::size_t channels : {1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 33}) {
    for (std::size_t kernel : {3, 5}) {
      for (std::size_t stride : {1, 2}) {
        for (std::size_t w : {2, 4, 7, 13}) {
          const Window at{.kernel_h = kernel,
                          .kernel_w = kernel,
                          .stride_h = stride,
                          .stride_w = stride,
                          .top = kernel / 2,
                          .left = kernel / 2,
                          .bottom = kernel / 2,
                          .right = kernel / 2};
          expect_equal(depthwise_shape(6, w, channels, at), Mix::ordinary, 1);
        }
      }
    }
  }
}

TEST(Depthwise, AgreesWithFloat64) {
  for (const Window& window : kWindows) {
    ConvData at(depthwise_shape(9, 11, 10, window), Mix::ordinary, 1);
    Floats y = run(depthwise_f32__simd, at, {});
    expect_close(at, y);
  }
}

TEST(Depthwise, PacksAnyOrderAndScales) {
  const ConvShape shape = depthwise_shape(5, 5, 6, {.kernel_h = 2, .kernel_w = 3});
  const std::vector<float> chw = floats(36, Mix::ordinary, 4), scale = floats(6, Mix::ordinary, 5);
  std::vector<float> hwc;
  for (std::size_t i = 0; i < 36; ++i) hwc.push_back(chw[i % 6 * 6 + i / 6]);
  Floats a(packed_depthwise_floats(shape)), b(packed_depthwise_floats(shape));
  Unaligned unaligned(hwc, 1);
  pack_depthwise_f32(chw.data(), shape, oihw_strides(shape), scale.data(), a.data());
  pack_depthwise_f32(unaligned.data(), shape, {.o = 1, .i = 0, .kh = 18, .kw = 6}, scale.data(), b.data());
  EXPECT_EQ(bits(a.values()), bits(b.values()));
  for (std::size_t i = 0; i < 36; ++i) {
    EXPECT_EQ(a.data()[packed_depthwise_index(shape, i / 6, i % 6)], chw[i] * scale[i / 6]);
  }
  EXPECT_EQ(a.data()[packed_depthwise_index(shape, 6, 0)], 0.0f);
}

TEST(Depthwise, FinishSeesEveryRowOnceAscending) {
  for (Kernel* kernel : {depthwise_f32__ref, depthwise_f32__simd}) {
    for (const ConvShape& shape : {depthwise_shape(13, 17, 10, kWindows[2]), depthwise_shape(70, 3, 8, kWindows[3]),
                                   depthwise_shape(9, 9, 600, kWindows[5])}) {
      ConvData at(shape, Mix::ordinary, 2);
      Floats expected = run(depthwise_f32__ref, at, {{-1, 2}}), y = at.output();
      Watch watch(y.data(), shape.out_c, at.y_stride);
      Floats packed(packed_depthwise_floats(shape));
      pack_depthwise_f32(at.weights.data(), shape, oihw_strides(shape), nullptr, packed.data());
      std::vector<uint64_t> scratch((depthwise_scratch_bytes(shape) + 7) / 8);
      kernel(shape, at.x.data(), at.x_stride, packed.data(), at.bias.data(), y.data(), at.y_stride, scratch.data(),
             watch.epilogue({-1, 2}));
      EXPECT_TRUE(watch.ascending);
      EXPECT_EQ(watch.next, shape.pixels());
      Watch::finish(&watch, expected.data(), 0, shape.pixels());
      EXPECT_EQ(bits(y.values()), bits(expected.values()));
    }
  }
}

TEST(Depthwise, SameBytesInEveryBuild) {
  uint64_t got = 0;
  for (const Window& window : kWindows) {
    ConvData at(depthwise_shape(11, 13, 22, window), Mix::ordinary);
    got = hash(run(depthwise_f32, at, {{-3, 30}}).values(), got);
  }
  EXPECT_EQ(got, 0x55f4a0730ea60a06u) << std::hex << got;
}

}  // namespace
}  // namespace narrowcast::kernels

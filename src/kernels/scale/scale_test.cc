#include "kernels/scale/scale.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>

namespace narrowcast::kernels {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

struct Golden {
  CodeRange codes;
  bool symmetric;
  float rmin, rmax;
  uint32_t scale_bits;
  int32_t zero_point;
};

// onnx.md 1.2, "Golden vectors": run from onnxruntime's own code.
constexpr Golden kGolden[] = {
    {kU8, false, -1, 2, 0x3c40c0c1, 85},
    {kU8, false, 0.5f, 3, 0x3c40c0c1, 0},
    {kU8, false, -3, -0.5f, 0x3c40c0c1, 255},
    {kU8, true, -1, 2, 0x3c808081, 128},
    {kI8, false, -1, 2, 0x3c40c0c1, -43},
    {kI8Narrow, true, -1, 2, 0x3c810204, 0},
    {kI8Reduced, true, -1, 2, 0x3d000000, 0},
    {kU8Reduced, false, -1, 2, 0x3cc18306, 42},
    {kI16Narrow, true, -1, 2, 0x38800100, 0},
    {kU16, false, -1, 2, 0x384000c0, 21845},
    {kI4, true, -1, 2, 0x3e888889, 0},
    {kU4, false, -1, 2, 0x3e4ccccd, 5},
    {kI8, false, 0, 0, 0x3f800000, 0},
    {kU8, true, 0, 0, 0x3f800000, 0},
    {kU8, false, 0, 1e-39f, 0x3f800000, 0},
    {kI8, false, -1e-36f, 1e-36f, 0x3f800000, 0},
    {kI8Narrow, true, -1e-36f, 1e-36f, 0x3f800000, 0},
    {kU8, false, kInf, -kInf, 0x3f800000, 0},  // an empty tensor is 0..0
};

TEST(Scale, OrtGoldenVectors) {
  for (const Golden& golden : kGolden) {
    const ScaleZeroPoint got = compute_scale_zero_point(golden.rmin, golden.rmax, golden.codes, golden.symmetric);
    EXPECT_EQ(std::bit_cast<uint32_t>(static_cast<float>(got.scale)), golden.scale_bits)
        << golden.rmin << " " << golden.rmax;
    EXPECT_EQ(got.scale, static_cast<double>(static_cast<float>(got.scale)));
    EXPECT_EQ(got.zero_point, golden.zero_point) << golden.rmin << " " << golden.rmax;
  }
}

TEST(Scale, OrtSymmetricZeroPoints) {
  EXPECT_EQ(compute_scale_zero_point(-1, 1, kU16, true).zero_point, 32768);
  EXPECT_EQ(compute_scale_zero_point(-1, 1, kU4, true).zero_point, 8);
}

TEST(Scale, OrtMinRealRange) {
  EXPECT_EQ(compute_scale_zero_point_ort(0, 0, kU8, false, 0.255f).scale,
            compute_scale_zero_point(0, 0.255f, kU8, false).scale);
}

TEST(Scale, TfliteWeights) {
  const auto weight = [](float a) {
    return compute_scale_zero_point(-a, a / 2, kI8Narrow, true, Formula::tflite, RangeOf::weight);
  };
  EXPECT_EQ(weight(1).scale, 2.0 / 254.0);
  EXPECT_EQ(weight(1).zero_point, 0);
  EXPECT_FLOAT_EQ(static_cast<float>(weight(0).scale), 3.937008e-9f);  // seen in an official file, dead channels
  EXPECT_FLOAT_EQ(static_cast<float>(weight(1e-8f).scale), 3.937008e-9f);
}

TEST(Scale, TfliteActivations) {
  const ScaleZeroPoint got = compute_scale_zero_point(-1, 2, kI8, false, Formula::tflite);
  EXPECT_EQ(got.scale, 3.0 / 255.0);
  EXPECT_EQ(got.zero_point, -43);
  EXPECT_EQ(compute_scale_zero_point(0, 6, kI8, false, Formula::tflite).zero_point, -128);
  EXPECT_EQ(compute_scale_zero_point(-6, 0, kI8, false, Formula::tflite).zero_point, 127);
  EXPECT_EQ(compute_scale_zero_point(0, 0, kI8, false, Formula::tflite).scale, 2e-6 / 255);
  EXPECT_EQ(compute_scale_zero_point(-2, 1, kI16Narrow, true, Formula::tflite).scale, 4.0 / 65534);
}

TEST(Scale, Torch) {
  const ScaleZeroPoint got = compute_scale_zero_point(-1, 0.5f, kI8, true, Formula::torch);
  EXPECT_EQ(got.scale, static_cast<double>(static_cast<float>(1 / 127.5)));
  EXPECT_EQ(got.zero_point, 0);
  EXPECT_EQ(compute_scale_zero_point(0, 0, kI8, true, Formula::torch).scale, 0x1p-23);
  EXPECT_EQ(compute_scale_zero_point(-1, 1, kU8, true, Formula::torch).zero_point, 128);
}

}  // namespace
}  // namespace narrowcast::kernels

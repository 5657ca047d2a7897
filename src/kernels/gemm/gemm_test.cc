#include "kernels/gemm/gemm.h"

#include <gtest/gtest.h>

#include "kernels/float_test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

constexpr std::size_t kRows[] = {1, 2, 3, 4, 5, 7, 8, 9, 33};
constexpr std::size_t kColumns[] = {1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 24, 31, 33, 49};
constexpr std::size_t kDepths[] = {0, 1, 2, 3, 8, 27, 100};

struct Case {
  std::size_t m, n, k, lda, ldc;
  Floats a, b, bias, packed;

  Case(std::size_t rows, std::size_t columns, std::size_t depth, Mix mix, std::size_t gap = 0)
      : m(rows),
        n(columns),
        k(depth),
        lda(depth + gap),
        ldc(columns + gap),
        a(floats((rows - 1) * lda + depth, mix, 1)),
        b(floats(depth * columns, mix, 2)),
        bias(floats(columns, mix, 3)),
        packed(packed_gemm_floats(columns, depth)) {
    pack_gemm_f32(b.data(), n, k, n, 1, nullptr, packed.data());
  }
  using Kernel = decltype(gemm_f32__ref);
  Floats run(Kernel* kernel, Clamp clamp = {}, bool with_bias = true) {
    Floats c((m - 1) * ldc + n, 7.0f);
    kernel(m, n, k, a.data(), lda, packed.data(), with_bias ? bias.data() : nullptr, c.data(), ldc, {clamp});
    return c;
  }
};

TEST(Gemm, SimdEqualsReference) {
  for (Mix mix : {Mix::ordinary, Mix::hostile}) {
    for (std::size_t m : kRows) {
      for (std::size_t n : kColumns) {
        for (std::size_t k : kDepths) {
          for (std::size_t gap : {0, 3}) {
            Case at(m, n, k, mix, gap);
            const Clamp clamp = gap ? Clamp{-1, 6} : Clamp{};
            ASSERT_EQ(bits_one_nan(at.run(gemm_f32__simd, clamp, gap == 0).values()),
                      bits_one_nan(at.run(gemm_f32__ref, clamp, gap == 0).values()))
                << m << " " << n << " " << k << " " << gap;
          }
        }
      }
    }
  }
}

TEST(Gemm, ManyBlocksEqualReference) {
  for (std::size_t k : {1, 700, 3000}) {
    Case at(1001, 11, k, Mix::ordinary);
    ASSERT_EQ(bits(at.run(gemm_f32__simd).values()), bits(at.run(gemm_f32__ref).values())) << k;
  }
}

// Against float64: k + 1 roundings of at most 2^-24 each, relative to the sum of absolute products.
TEST(Gemm, AgreesWithFloat64) {
  for (std::size_t k : {1, 27, 512, 2000}) {
    Case at(9, 21, k, Mix::ordinary);
    const std::vector<float> c = at.run(gemm_f32__simd).values();
    for (std::size_t row = 0; row < at.m; ++row) {
      for (std::size_t column = 0; column < at.n; ++column) {
        double sum = at.bias.data()[column], absolute = std::abs(sum);
        for (std::size_t i = 0; i < k; ++i) {
          const double product = static_cast<double>(at.a.data()[row * k + i]) * at.b.data()[i * at.n + column];
          sum += product;
          absolute += std::abs(product);
        }
        ASSERT_NEAR(c[row * at.n + column], sum, absolute * static_cast<double>(k + 1) * 0x1p-24);
      }
    }
  }
}

TEST(Gemm, PacksEitherOrderAndScales) {
  const std::size_t n = 13, k = 6;
  const std::vector<float> b = floats(n * k, Mix::ordinary, 4);
  const std::vector<float> scale = floats(n, Mix::ordinary, 5);
  std::vector<float> turned(n * k);
  for (std::size_t i = 0; i < n * k; ++i) turned[i % n * k + i / n] = b[i];
  Floats from_rows(packed_gemm_floats(n, k)), from_columns(packed_gemm_floats(n, k));
  Unaligned rows(b, 1), columns(turned, 3);
  pack_gemm_f32(rows.data(), n, k, n, 1, scale.data(), from_rows.data());
  pack_gemm_f32(columns.data(), n, k, 1, k, scale.data(), from_columns.data());
  EXPECT_EQ(bits(from_rows.values()), bits(from_columns.values()));
  for (std::size_t column = 0; column < n; ++column) {
    for (std::size_t row = 0; row < k; ++row) {
      EXPECT_EQ(from_rows.data()[packed_gemm_index(n, k, column, row)], b[row * n + column] * scale[column]);
    }
  }
}

TEST(Gemm, FinishSeesEveryRowOnceAscending) {
  for (auto* kernel : {gemm_f32__ref, gemm_f32__simd}) {
    for (std::size_t m : {1, 4, 7, 1003}) {
      for (std::size_t n : {1, 40, 700}) {
        Case at(m, n, 5, Mix::ordinary, 2);
        Floats expected = at.run(gemm_f32__ref, {-1, 2}), c((m - 1) * at.ldc + n, 7.0f);
        Watch watch(c.data(), n, at.ldc);
        kernel(m, n, 5, at.a.data(), at.lda, at.packed.data(), at.bias.data(), c.data(), at.ldc,
               watch.epilogue({-1, 2}));
        EXPECT_TRUE(watch.ascending);
        EXPECT_EQ(watch.next, m);
        Watch::finish(&watch, expected.data(), 0, m);
        EXPECT_EQ(bits(c.values()), bits(expected.values()));
      }
    }
  }
}

TEST(Gemm, ClampKeepsNanAndSigns) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(clamp_one(nan, {0, 6})));
  EXPECT_TRUE(std::signbit(clamp_one(-0.0f, {0, 6})));
  EXPECT_EQ(clamp_one(-1, {0, 6}), 0.0f);
  EXPECT_EQ(clamp_one(7, {0, 6}), 6.0f);
  for (float value : kHostile) EXPECT_EQ(bits({clamp_one(value, {})}), bits({value}));
}

TEST(Gemm, SameBytesInEveryBuild) {
  Case at(37, 45, 61, Mix::ordinary);
  const uint64_t got = hash(at.run(gemm_f32, {-3, 30}).values());
  EXPECT_EQ(got, 0x206c52ad1abda1acu) << std::hex << got;
}

}  // namespace
}  // namespace narrowcast::kernels

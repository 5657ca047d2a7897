// Ops that ONNX's own cases do not reach: by the formula, or by other ops that must give the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "one_op.h"

namespace narrowcast {
namespace {

using namespace testing;

std::vector<float> numbers(std::size_t count, uint32_t seed) {
  std::vector<float> values(count);
  for (float& value : values) {
    seed = seed * 1664525U + 1013904223U;
    value = static_cast<float>(static_cast<int32_t>(seed)) / 0x1p31F;
  }
  return values;
}

Operand random_floats(Shape shape, uint32_t seed, bool constant = false) {
  const auto count = static_cast<std::size_t>(element_count(shape));
  return floats(std::move(shape), numbers(count, seed), constant);
}

// [rows, columns] of it, turned round.
Operand transposed(const Operand& m) {
  const auto rows = static_cast<std::size_t>(m.shape[0]);
  const auto columns = static_cast<std::size_t>(m.shape[1]);
  Operand out = floats({m.shape[1], m.shape[0]}, std::vector<float>(m.floats.size()));
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) out.floats[c * rows + r] = m.floats[r * columns + c];
  }
  return out;
}

std::vector<double> values_of(const OpRun& run, std::size_t result = 0) {
  const auto out = run_op(run);
  EXPECT_TRUE(out.has_value()) << run.op.type << ": " << out.error().message;
  return out ? out->values.at(result) : std::vector<double>{};
}

void expect_near(const std::vector<double>& got, const std::vector<double>& expected, double tolerance = 2e-6) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], expected[i], tolerance) << i;
}

std::string code_of(const OpRun& run) {
  const auto out = run_op(run);
  return out ? "ok" : std::string(error_name(out.error().code));
}

constexpr int kOpset = 17;

TEST(OpsEval, SkipLayerNormalizationNormalizesTheSum) {
  const Operand x = random_floats({2, 3, 5}, 1);
  const Operand skip = random_floats({3, 5}, 2);
  const Operand gamma = random_floats({5}, 3);
  const Operand beta = random_floats({5}, 4);
  const Operand bias = random_floats({5}, 5);
  const auto out = run_op({{std::string(kMicrosoftDomain), "SkipLayerNormalization", 1, {{"epsilon", 1e-3F}}},
                           {x, skip, gamma, beta, bias},
                           4});
  ASSERT_TRUE(out.has_value()) << out.error().message;
  std::vector<double> sums, expected;
  for (std::size_t row = 0; row < 6; ++row) {
    double mean = 0, square = 0;
    for (std::size_t i = 0; i < 5; ++i) {
      sums.push_back(x.floats[row * 5 + i] + skip.floats[row % 3 * 5 + i] + bias.floats[i]);
      mean += sums.back() / 5;
    }
    for (std::size_t i = 0; i < 5; ++i) square += std::pow(sums[row * 5 + i] - mean, 2) / 5;
    for (std::size_t i = 0; i < 5; ++i) {
      expected.push_back((sums[row * 5 + i] - mean) / std::sqrt(square + 1e-3) * gamma.floats[i] + beta.floats[i]);
    }
  }
  expect_near(out->values[0], expected, 1e-5);
  expect_near(out->values[3], sums);
}

TEST(OpsEval, FusedConvAddsBeforeItsActivation) {
  const Operand x = random_floats({1, 5, 6, 7}, 1);
  const Operand w = random_floats({4, 5, 3, 3}, 2, true);
  const Operand b = random_floats({4}, 3, true);
  const Operand z = random_floats({1, 4, 4, 5}, 4);
  std::vector<double> expected = values_of({{"", "Conv", kOpset, {}}, {x, w, b}});
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = std::max(0.0, expected[i] + z.floats[i]);
  const RawOp op{std::string(kMicrosoftDomain), "FusedConv", 1, {{"activation", std::string("Relu")}}};
  expect_near(values_of({op, {x, w, b, z}}), expected);
  EXPECT_EQ(code_of({op, {x, w, b, random_floats({1, 4, 5, 4}, 5)}}), "malformed");
}

TEST(OpsEval, FusedMatMulTurnsItsOperands) {
  const Operand a = random_floats({3, 4}, 1);
  const Operand b = random_floats({5, 3}, 2);
  std::vector<double> expected = values_of({{"", "MatMul", kOpset, {}}, {transposed(a), transposed(b)}});
  for (double& value : expected) value *= 0.5;
  const RawOp op{std::string(kMicrosoftDomain),
                 "FusedMatMul",
                 1,
                 {{"transA", int64_t{1}}, {"transB", int64_t{1}}, {"alpha", 0.5F}}};
  expect_near(values_of({op, {a, b}}), expected);
}

TEST(OpsEval, MatMulNBitsReadsBlocks) {
  const Operand a = random_floats({2, 20}, 1);
  std::vector<int64_t> bytes;  // 3 rows of 2 blocks of 16 codes
  for (int i = 0; i < 3 * 2 * 8; ++i) bytes.push_back(i * 37 % 256);
  const Operand scales = random_floats({6}, 2, true);
  const std::vector<int64_t> zeros{0x52, 0xA7, 0x3C};
  std::vector<double> expected;
  for (std::size_t row = 0; row < 2; ++row) {
    for (std::size_t n = 0; n < 3; ++n) {
      double sum = 0;
      for (std::size_t k = 0; k < 20; ++k) {
        const std::size_t block = n * 2 + k / 16;
        const int64_t byte = bytes[block * 8 + k % 16 / 2];
        const int64_t code = k % 2 == 0 ? byte & 15 : byte >> 4;
        const int64_t zero = k < 16 ? zeros[n] & 15 : zeros[n] >> 4;
        sum += a.floats[row * 20 + k] * static_cast<double>(code - zero) * scales.floats[block];
      }
      expected.push_back(sum);
    }
  }
  const RawOp op{std::string(kMicrosoftDomain),
                 "MatMulNBits",
                 1,
                 {{"N", int64_t{3}}, {"K", int64_t{20}}, {"bits", int64_t{4}}, {"block_size", int64_t{16}}}};
  for (const bool constant : {true, false}) {
    Operand of_scales = scales;
    of_scales.constant = constant;
    expect_near(
        values_of(
            {op, {a, ints(DType::u8, {3, 2, 8}, bytes, constant), of_scales, ints(DType::u8, {3}, zeros, constant)}}),
        expected, 1e-4);
  }
}

std::vector<double> attention_of(const Operand& q, const Operand& k, const Operand& v, std::size_t heads,
                                 const std::vector<int64_t>& mask, bool causal) {
  const auto batch = static_cast<std::size_t>(q.shape[0]);
  const auto rows = static_cast<std::size_t>(q.shape[1]);
  const auto keys = static_cast<std::size_t>(k.shape[1]);
  const auto width = static_cast<std::size_t>(q.shape[2]);
  const std::size_t depth = width / heads;
  std::vector<double> out(q.floats.size(), 0);
  for (std::size_t b = 0; b < batch; ++b) {
    for (std::size_t h = 0; h < heads; ++h) {
      for (std::size_t i = 0; i < rows; ++i) {
        std::vector<double> scores(keys, 0);
        double total = 0;
        for (std::size_t j = 0; j < keys; ++j) {
          for (std::size_t d = 0; d < depth; ++d) {
            scores[j] += static_cast<double>(q.floats[(b * rows + i) * width + h * depth + d]) *
                         k.floats[(b * keys + j) * width + h * depth + d] / std::sqrt(static_cast<double>(depth));
          }
          if (!mask.empty() && mask[b * keys + j] == 0) scores[j] -= 10000;
          if (causal && j > i) scores[j] -= 10000;
          scores[j] = std::exp(scores[j]);
          total += scores[j];
        }
        for (std::size_t j = 0; j < keys; ++j) {
          for (std::size_t d = 0; d < depth; ++d) {
            out[(b * rows + i) * width + h * depth + d] +=
                scores[j] / total * v.floats[(b * keys + j) * width + h * depth + d];
          }
        }
      }
    }
  }
  return out;
}

TEST(OpsEval, MultiHeadAttentionMasksKeys) {
  const Operand q = random_floats({2, 3, 8}, 1);
  const Operand k = random_floats({2, 4, 8}, 2);
  const Operand v = random_floats({2, 4, 8}, 3);
  const std::vector<int64_t> mask{1, 1, 0, 1, 1, 0, 1, 1};
  const RawOp op{std::string(kMicrosoftDomain), "MultiHeadAttention", 1, {{"num_heads", int64_t{2}}}};
  expect_near(values_of({op, {q, k, v, {}, ints(DType::i32, {2, 4}, mask)}}), attention_of(q, k, v, 2, mask, false));
  expect_near(values_of({op, {q, k, v}}), attention_of(q, k, v, 2, {}, false));
}

TEST(OpsEval, PackedAttentionProjectsFirst) {
  const Operand x = random_floats({2, 3, 6}, 1);
  const Operand w = random_floats({6, 24}, 2, true);
  const Operand b = random_floats({24}, 3, true);
  const std::vector<double> packed = values_of({{"", "MatMul", kOpset, {}}, {x, w}});
  Operand parts[3];
  for (std::size_t part = 0; part < 3; ++part) {
    parts[part] = floats({2, 3, 8}, {});
    for (std::size_t row = 0; row < 6; ++row) {
      for (std::size_t i = 0; i < 8; ++i) {
        parts[part].floats.push_back(static_cast<float>(packed[row * 24 + part * 8 + i]) + b.floats[part * 8 + i]);
      }
    }
  }
  const RawOp op{
      std::string(kMicrosoftDomain), "Attention", 1, {{"num_heads", int64_t{2}}, {"unidirectional", int64_t{1}}}};
  expect_near(values_of({op, {x, w, b}}), attention_of(parts[0], parts[1], parts[2], 2, {}, true));
}

// TFLite's gates are input, forget, cell, output; ONNX's input, output, forget, cell.
TEST(OpsEval, SequenceLstmIsOnnxLstm) {
  constexpr int64_t kTime = 5, kBatch = 2, kInput = 3, kUnits = 4;
  const Operand x = random_floats({kTime, kBatch, kInput}, 1);
  Operand w[4], r[4], b[4], p[4];
  for (uint32_t g = 0; g < 4; ++g) {
    w[g] = random_floats({kUnits, kInput}, 10 + g);
    r[g] = random_floats({kUnits, kUnits}, 20 + g);
    b[g] = random_floats({kUnits}, 30 + g);
    p[g] = random_floats({kUnits}, 40 + g);
  }
  Operand onnx_w = floats({1, 4 * kUnits, kInput}, {}, true);
  Operand onnx_r = floats({1, 4 * kUnits, kUnits}, {}, true);
  Operand onnx_b = floats({1, 8 * kUnits}, {}, true);
  Operand onnx_p = floats({1, 3 * kUnits}, {}, true);
  const auto append = [](Operand& to, const Operand& from) {
    to.floats.insert(to.floats.end(), from.floats.begin(), from.floats.end());
  };
  for (const std::size_t g : {0, 3, 1, 2}) {
    append(onnx_w, w[g]);
    append(onnx_r, r[g]);
    append(onnx_b, b[g]);
    if (g != 2) append(onnx_p, p[g]);
  }
  onnx_b.floats.resize(8 * kUnits, 0.0F);
  const std::vector<double> expected =
      values_of({{"", "LSTM", kOpset, {{"hidden_size", kUnits}}}, {x, onnx_w, onnx_r, onnx_b, {}, {}, {}, onnx_p}, 3});
  const Operand none;
  const RawOp op{std::string(kTfliteDomain),
                 "UNIDIRECTIONAL_SEQUENCE_LSTM",
                 1,
                 {{"fused_activation_function", int64_t{4}}, {"time_major", int64_t{1}}}};
  const std::vector<TensorType> types{{DType::f32, Shape{kTime, kBatch, kUnits}}};
  expect_near(values_of({op,
                         {x,    w[0], w[1], w[2], w[3], r[0], r[1], r[2], r[3], p[0],
                          p[1], p[3], b[0], b[1], b[2], b[3], none, none, none, none},
                         1,
                         types}),
              expected);
}

TEST(OpsEval, SequenceRnnIsOnnxRnn) {
  const Operand x = random_floats({4, 2, 3}, 1);
  Operand w = random_floats({5, 3}, 2);
  Operand r = random_floats({5, 5}, 3);
  Operand b = random_floats({5}, 4);
  const RawOp op{std::string(kTfliteDomain),
                 "UNIDIRECTIONAL_SEQUENCE_RNN",
                 1,
                 {{"fused_activation_function", int64_t{4}}, {"time_major", int64_t{1}}}};
  const std::vector<double> got = values_of({op, {x, w, r, b}, 1, {{DType::f32, Shape{4, 2, 5}}}});
  w.shape.insert(w.shape.begin(), 1);
  r.shape.insert(r.shape.begin(), 1);
  b.floats.resize(10, 0.0F);
  b.shape = {1, 10};
  expect_near(got, values_of({{"", "RNN", kOpset, {{"hidden_size", int64_t{5}}}}, {x, w, r, b}, 2}));
}

TEST(OpsEval, SvdfStartsWithAnEmptyMemory) {
  const Operand x = random_floats({2, 3}, 1);
  const Operand feature = random_floats({8, 3}, 2);
  const Operand time = random_floats({8, 6}, 3);
  const Operand bias = random_floats({4}, 4);
  std::vector<double> expected;
  for (std::size_t i = 0; i < 8; ++i) {
    double sum = bias.floats[i % 4];
    for (std::size_t filter = i % 4 * 2; filter < i % 4 * 2 + 2; ++filter) {
      double dot = 0;
      for (std::size_t k = 0; k < 3; ++k) dot += x.floats[i / 4 * 3 + k] * feature.floats[filter * 3 + k];
      sum += dot * time.floats[filter * 6 + 5];
    }
    expected.push_back(std::max(sum, 0.0));
  }
  const RawOp op{
      std::string(kTfliteDomain), "SVDF", 1, {{"rank", int64_t{2}}, {"fused_activation_function", int64_t{1}}}};
  expect_near(values_of({op, {x, feature, time, bias}, 1, {{DType::f32, Shape{2, 4}}}}), expected);
}

// One channel: the orders of axes are the same.
TEST(OpsEval, TflitePoolsAreOnnxPools) {
  const Operand planar = random_floats({1, 1, 7, 6}, 1);
  Operand x = planar;
  x.shape = {1, 7, 6, 1};
  const std::vector<Attribute> options{{"filter_height", int64_t{3}},
                                       {"filter_width", int64_t{2}},
                                       {"stride_h", int64_t{2}},
                                       {"stride_w", int64_t{2}},
                                       {"padding", int64_t{0}}};
  const std::vector<Attribute> window{{"kernel_shape", std::vector<int64_t>{3, 2}},
                                      {"strides", std::vector<int64_t>{2, 2}},
                                      {"auto_pad", std::string("SAME_UPPER")}};
  const auto tflite = [&](const char* type) {
    return values_of({{std::string(kTfliteDomain), type, 1, options}, {x}, 1, {{DType::f32, Shape{1, 4, 3, 1}}}});
  };
  expect_near(tflite("MAX_POOL_2D"), values_of({{"", "MaxPool", kOpset, window}, {planar}}), 0);
  const std::vector<double> average = tflite("AVERAGE_POOL_2D");
  expect_near(average, values_of({{"", "AveragePool", kOpset, window}, {planar}}));
  Operand squares = x;
  for (float& value : squares.floats) value *= value;
  x = squares;
  std::vector<double> roots = tflite("AVERAGE_POOL_2D");
  for (double& value : roots) value = std::sqrt(value);
  x.floats = planar.floats;
  expect_near(tflite("L2_POOL_2D"), roots);
}

TEST(OpsEval, TfliteResizesAreOnnxResizes) {
  const Operand planar = random_floats({1, 1, 3, 4}, 1);
  Operand x = planar;
  x.shape = {1, 3, 4, 1};
  struct Case {
    bool nearest, corners, centers;
    const char* mode;
  };
  for (const Case& c : {Case{false, false, true, "half_pixel"}, Case{false, true, false, "align_corners"},
                        Case{false, false, false, "asymmetric"}, Case{true, false, false, "asymmetric"}}) {
    const std::vector<double> got =
        values_of({{std::string(kTfliteDomain),
                    c.nearest ? "RESIZE_NEAREST_NEIGHBOR" : "RESIZE_BILINEAR",
                    1,
                    {{"align_corners", int64_t{c.corners}}, {"half_pixel_centers", int64_t{c.centers}}}},
                   {x, ints(DType::i32, {2}, {7, 9}, true)},
                   1,
                   {{DType::f32, Shape{1, 7, 9, 1}}}});
    const std::vector<double> expected = values_of({{"",
                                                     "Resize",
                                                     kOpset,
                                                     {{"mode", std::string(c.nearest ? "nearest" : "linear")},
                                                      {"coordinate_transformation_mode", std::string(c.mode)},
                                                      {"nearest_mode", std::string("floor")}}},
                                                    {planar, {}, {}, ints(DType::i64, {4}, {1, 1, 7, 9}, true)}});
    expect_near(got, expected);
  }
}

TEST(OpsEval, EinsumStretchesAndSumsAlone) {
  const Operand a = random_floats({2, 3}, 1);
  const Operand b = random_floats({1, 4}, 2);
  double row[4] = {}, rows[2] = {};
  for (std::size_t i = 0; i < 6; ++i) rows[i / 3] += a.floats[i];
  for (std::size_t j = 0; j < 4; ++j) row[j] = b.floats[j];
  std::vector<double> expected;
  for (const double left : rows) {
    for (const double right : row) expected.push_back(left * right);
  }
  const auto einsum = [](const char* equation, std::vector<Operand> operands) {
    return OpRun{{"", "Einsum", kOpset, {{"equation", std::string(equation)}}}, std::move(operands)};
  };
  expect_near(values_of(einsum("ik,ij->ij", {a, b})), expected);
  EXPECT_EQ(code_of(einsum("ij,jk->ii", {a, b})), "malformed");
  EXPECT_EQ(code_of(einsum("i...,jk->ik", {a, b})), "malformed");
  const auto scalar = values_of(einsum("ij,ij->", {a, a}));
  double squares = 0;
  for (const float value : a.floats) squares += static_cast<double>(value) * value;
  expect_near(scalar, {squares});
}

TEST(OpsEval, ReductionsOfDoublesAndIntegersKeepTheirTypes) {
  const auto reduce = [](const char* type, Operand x) {
    return values_of({{"", type, 18, {{"keepdims", int64_t{0}}}}, {std::move(x), ints(DType::i64, {1}, {1}, true)}});
  };
  const Operand x = ints(DType::i32, {2, 3}, {1, -2, 5, INT32_MAX, 1, 0});
  EXPECT_THAT(reduce("ReduceSum", x), ::testing::ElementsAre(4, INT32_MIN));
  EXPECT_THAT(reduce("ReduceMax", x), ::testing::ElementsAre(5, INT32_MAX));
  EXPECT_THAT(reduce("ReduceMean", ints(DType::i64, {1, 3}, {1, 1, 3})), ::testing::ElementsAre(1));
  Operand doubles = floats({1, 2}, {1, 2});
  doubles.dtype = DType::f64;
  expect_near(reduce("ReduceLogSumExp", doubles), {std::log(std::exp(1.0) + std::exp(2.0))}, 1e-14);
  EXPECT_THAT(reduce("ReduceMax", ints(DType::u8, {1, 0}, {})), ::testing::ElementsAre(0));
}

// Weights are let go of once they are packed; a state that is a constant too is still read.
TEST(OpsEval, ARecurrentNodeReadsAConstantStateBesidePackedWeights) {
  constexpr int64_t kHidden = 200;
  constexpr std::size_t kCount = 200;
  const OpRun run{{"", "RNN", kOpset, {{"hidden_size", kHidden}}},
                  {floats({1, 1, 2}, {1, 1}), floats({1, kHidden, 2}, std::vector<float>(2 * kCount, 0.25F), true),
                   floats({1, kHidden, kHidden}, std::vector<float>(kCount * kCount, 0.0025F), true), Operand{},
                   Operand{}, floats({1, 1, kHidden}, std::vector<float>(kCount, 1), true)}};
  expect_near(values_of(run), std::vector<double>(kCount, std::tanh(1.0)), 1e-5);
}

// The slopes must stretch to the operand, whose shape the result has.
TEST(OpsEval, OperandsThatDoNotStretchToTheResultAreMalformed) {
  const Operand x = random_floats({2, 3}, 1);
  EXPECT_EQ(code_of({{"", "PRelu", kOpset, {}}, {x, random_floats({2, 2, 3}, 2)}}), "malformed");
  EXPECT_EQ(code_of({{"", "PRelu", kOpset, {}}, {x, random_floats({2}, 2)}}), "malformed");
  EXPECT_EQ(code_of({{"", "PRelu", kOpset, {}}, {x, random_floats({3}, 2)}}), "ok");
}

}  // namespace
}  // namespace narrowcast

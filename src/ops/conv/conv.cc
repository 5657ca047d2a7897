#include "ops/conv/conv_eval.h"
#include "ops/conv/conv_shape.h"
#include "ops/conv/conv_transpose_eval.h"
#include "ops/conv/integer_conv.h"
#include "ops/conv/transpose_bias.h"
#include "ops/conv/transpose_window.h"
#include "ops/finish.h"

namespace narrowcast::ops {
namespace {

// ONNX: W [M, C/group, k...]; each of the M outputs sums over the rest.
Rule conv_rule(const RuleQuery& query) {
  return {{{Role::data, {}}, {Role::weight, {0, 1, query.rank(1)}}, {Role::bias, {}}}};
}

// ONNX: W [C, M/group, k...]; an output sums over C (of its group).
Rule conv_transpose_rule(const RuleQuery&) { return {{{Role::data, {}}, {Role::weight, {1, 0, 1}}, {Role::bias, {}}}}; }

// TFLite: filter [O, H, W, I].
Rule conv_2d_rule(const RuleQuery&) {
  return {{{Role::data, {}}, {Role::weight, {0, 1, 4}, Hybrid::per_channel}, {Role::bias, {}}}};
}

// TFLite: filter [1, H, W, C]; every channel sums over its window only.
Rule depthwise_conv_2d_rule(const RuleQuery&) {
  return {{{Role::data, {}}, {Role::weight, {3, 1, 3}, Hybrid::per_channel}, {Role::bias, {}}}};
}

// TFLite: operands are output shape, filter [O, H, W, I], data, bias.
Rule transpose_conv_rule(const RuleQuery&) {
  return {{{Role::plain, {}}, {Role::weight, {0, 1, 4}}, {Role::data, {}}, {Role::bias, {}}}};
}

// TFLite: filter [D, H, W, I, O].
Rule conv_3d_rule(const RuleQuery&) { return {{{Role::data, {}}, {Role::weight, {4, 0, 4}}, {Role::bias, {}}}}; }

// Versions as the reference converter writes them: reference tflite.md, 1.7. What is not certain keeps the file's.
int conv_2d_version(const VersionQuery& query) {
  const auto channels = [&](std::size_t slot) {
    const auto& shape = query.operands[slot].shape;
    return shape && shape->size() == 4 ? (*shape)[3] : kUnknownDim;
  };
  if (query.operands.size() < 2 || channels(0) < 0 || channels(1) < 0) return query.op.version;
  if (query.dtype(0) == DType::i16 && query.op.int_or(kBiasType, 0) != 0) return 8;
  // Beside float32 data the converter has no number for it; this one keeps runtimes without int4 from running it.
  const bool is_int4 = query.dtype(1) == DType::i4 && (query.dtype(0) == DType::i8 || query.dtype(0) == DType::f32);
  if (is_int4 && channels(0) == channels(1)) return 7;
  if (channels(0) != channels(1)) return 6;  // in groups
  if (query.is_hybrid(1)) return query.per_channel[1] != 0 ? 5 : 2;
  if (query.dtype(0) == DType::i8 && query.dtype(1) == DType::i8) return 3;
  const bool is_first = query.dtype(0) == DType::f32 ? query.dtype(1) == DType::f32 : query.is_16x8(1);
  return is_first ? 1 : query.op.version;
}

std::string_view conv_2d_runtime(int version) {
  constexpr std::string_view kSince[] = {"1.5.0", "1.14.0", "1.14.0", "2.3.0", "2.4.0", "2.9.0", "2.11.0", "2.15.0"};
  return runtime_since(kSince, version);
}

int depthwise_conv_2d_version(const VersionQuery& query) {
  if (query.is_hybrid(1)) return query.per_channel[1] != 0 ? 6 : 4;
  if (query.dtype(0) == DType::i8 && query.dtype(1) == DType::i8) return 3;
  if (query.dtype(0) == DType::i8 && query.dtype(1) == DType::i4) return 7;
  const bool in_float = query.dtype(0) == DType::f32 && query.dtype(1) == DType::f32;
  if (!in_float && !query.is_16x8(1)) return query.op.version;
  const bool dilated = query.op.int_or("dilation_h_factor", 1) != 1 || query.op.int_or("dilation_w_factor", 1) != 1;
  return dilated ? 2 : 1;
}

std::string_view depthwise_conv_2d_runtime(int version) {
  constexpr std::string_view kSince[] = {"1.5.0", "1.12.0", "1.14.0", "2.2.0", "2.3.0", "2.3.0", "2.11.0"};
  return runtime_since(kSince, version);
}

int transpose_conv_version(const VersionQuery& query) {
  constexpr std::size_t kFilter = 1;
  constexpr std::size_t kData = 2;
  constexpr std::size_t kBias = 3;
  const DType data = query.dtype(kData);
  const DType filter = query.dtype(kFilter);
  const bool in_float = data == DType::f32 && filter == DType::f32;
  if (!in_float && (filter != DType::i8 || (data != DType::i8 && data != DType::i16))) return query.op.version;
  if (data == DType::i16 && query.op.int_or(kBiasType, 0) != 0) return 5;
  if (query.op.int_or("fused_activation_function", 0) != 0) return 4;
  if (query.dtype(kBias) != DType::unknown) return 3;
  return in_float ? 1 : 2;
}

std::string_view transpose_conv_runtime(int version) {
  constexpr std::string_view kSince[] = {"1.9.0", "2.2.0", "2.3.0", "2.13.0", "2.15.0"};
  return runtime_since(kSince, version);
}

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Conv",
     .first_version = 1,
     .last_version = 22,
     .infer = infer_conv,
     .rule = conv_rule,
     .eval = eval_conv,
     .prepare = prepare_conv,
     .floats = Floats::f32_f64,
     .layouts = Layouts::image,
     .reads_plain = conv_reads_plain,
     .absorbs = Absorbs::along_axis_1,
     .folds_affine = has_no_activation,
     .takes_border_from = 2},
    {.domain = "",
     .type = "ConvInteger",
     .first_version = 10,
     .last_version = 10,
     .infer = infer_conv_integer,
     .eval = eval_conv_integer},
    {.domain = "",
     .type = "ConvTranspose",
     .first_version = 1,
     .last_version = 22,
     .infer = infer_conv_transpose,
     .rule = conv_transpose_rule,
     .eval = eval_conv_transpose,
     .prepare = prepare_conv_transpose,
     .floats = Floats::f32_f64,
     .layouts = Layouts::image,
     .absorbs = Absorbs::along_axis_1,
     .folds_affine = cuts_are_stated},
    {.domain = "",
     .type = "QLinearConv",
     .first_version = 10,
     .last_version = 10,
     .infer = infer_qlinear_conv,
     .eval = eval_qlinear_conv,
     .half_since = kNeverHalf},
    {.domain = kMicrosoftDomain,
     .type = "FusedConv",
     .infer = infer_conv,
     .rule = conv_rule,
     .eval = eval_fused_conv,
     .prepare = prepare_conv,
     .layouts = Layouts::image,
     .reads_plain = conv_reads_plain},
    {.domain = kTfliteDomain,
     .type = "CONV_2D",
     .first_version = 1,
     .last_version = 8,
     .infer = infer_conv_2d,
     .rule = conv_2d_rule,
     .tflite_version = conv_2d_version,
     .tflite_runtime = conv_2d_runtime,
     .eval = eval_conv_2d,
     .prepare = prepare_conv_2d,
     .absorbs = Absorbs::along_last_axis,
     .folds_affine = has_no_activation,
     .takes_border_from = 1},
    {.domain = kTfliteDomain,
     .type = "CONV_3D",
     .first_version = 1,
     .last_version = 1,
     .infer = infer_conv_3d,
     .rule = conv_3d_rule,
     .eval = eval_conv_3d},
    {.domain = kTfliteDomain,
     .type = "DEPTHWISE_CONV_2D",
     .first_version = 1,
     .last_version = 7,
     .infer = infer_depthwise_conv_2d,
     .rule = depthwise_conv_2d_rule,
     .tflite_version = depthwise_conv_2d_version,
     .tflite_runtime = depthwise_conv_2d_runtime,
     .eval = eval_conv_2d,
     .prepare = prepare_conv_2d,
     .absorbs = Absorbs::along_last_axis,
     .folds_affine = has_no_activation,
     .takes_border_from = 1},
    {.domain = kTfliteDomain,
     .type = "TRANSPOSE_CONV",
     .first_version = 1,
     .last_version = 5,
     .infer = infer_transpose_conv,
     .rule = transpose_conv_rule,
     .tflite_version = transpose_conv_version,
     .tflite_runtime = transpose_conv_runtime,
     .eval = eval_transpose_conv,
     .prepare = prepare_transpose_conv,
     .absorbs = Absorbs::along_last_axis},
    {.domain = "tflite.custom",
     .type = "Convolution2DTransposeBias",
     .first_version = 1,
     .last_version = 1,
     .infer = infer_transpose_bias,
     .rule = transpose_bias_rule,
     .eval = eval_transpose_bias},
};

}  // namespace

OpFamily conv_family() { return {"conv", "Convolutions, plain, depthwise and transposed.", kOps}; }

}  // namespace narrowcast::ops

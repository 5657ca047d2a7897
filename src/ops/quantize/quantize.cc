#include "ops/axes.h"
#include "ops/onnx_type.h"
#include "ops/quantize/quantize_eval.h"

namespace narrowcast::ops {
namespace {

Status infer_to_float(InferContext& ctx) {
  ctx.set(0, DType::f32, ctx.operand(0).type.shape);
  return {};
}

// A type that the node states itself, from version 21 (codes) or 23 (reals) on.
std::optional<DType> stated_dtype(const RawOp& op) {
  const int64_t number = op.int_or("output_dtype", 0);
  return number != 0 ? std::optional(dtype_of_onnx_number(number)) : std::nullopt;
}

// The zero point decides the codes' type; without one they are uint8.
Status infer_quantize_linear(InferContext& ctx) {
  const DType codes = ctx.present(2) ? ctx.dtype(2) : stated_dtype(ctx.op()).value_or(DType::u8);
  ctx.set(0, codes, ctx.operand(0).type.shape);
  return {};
}

// Reals are of the scale's type.
Status infer_dequantize_linear(InferContext& ctx) {
  const DType scale = ctx.dtype(1) == DType::unknown ? DType::f32 : ctx.dtype(1);
  ctx.set(0, stated_dtype(ctx.op()).value_or(scale), ctx.operand(0).type.shape);
  return {};
}

// Codes, then a scale and a zero point for all of them.
Status infer_dynamic(InferContext& ctx) {
  ctx.set(0, DType::u8, ctx.operand(0).type.shape);
  ctx.set(1, DType::f32, Shape{});
  ctx.set(2, DType::u8, Shape{});
  return {};
}

// The codes' type stands on the result tensor alone.
Status infer_quantize(InferContext& ctx) {
  ctx.set(0, DType::unknown, ctx.operand(0).type.shape);
  return {};
}

// Versions as the reference converter writes them: reference tflite.md, 1.7.
int dequantize_version(const VersionQuery& query) {
  if (query.operands.empty()) return query.op.version;
  switch (query.operands[0].dtype) {
    case DType::u4:
      return 8;
    case DType::i2:
      return 7;
    case DType::i4:
      return 6;
    case DType::i16:
    case DType::f16:
      return 3;
    case DType::i8:
      return !query.per_channel.empty() && query.per_channel[0] != 0 ? 5 : 2;
    default:
      return 1;
  }
}

int quantize_version(const VersionQuery& query) {
  const DType dtype = query.results.empty() ? DType::unknown : query.results[0].dtype;
  if (dtype == DType::i16) return 2;
  return dtype == DType::i8 || dtype == DType::u8 ? 1 : query.op.version;
}

std::string_view quantize_runtime(int version) {
  constexpr std::string_view kSince[] = {"1.14.0", "1.15.0", "2.7.0", "2.21.0"};
  return runtime_since(kSince, version);
}

// As the reference converter's table of runtime versions has them; 6 came with int4 weights, beside FULLY_CONNECTED 13.
std::string_view dequantize_runtime(int version) {
  if (version >= 6) return "2.18.0";
  if (version == 5) return "2.7.0";
  if (version == 4) return "2.2.0";
  if (version == 3) return "1.15.0";
  return version == 2 ? "1.14.0" : "";
}

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "QuantizeLinear",
     .first_version = 10,
     .last_version = 23,
     .infer = infer_quantize_linear,
     .eval = eval_quantize_linear,
     .half_since = kNeverHalf},
    {.domain = "",
     .type = "DequantizeLinear",
     .first_version = 10,
     .last_version = 23,
     .infer = infer_dequantize_linear,
     .eval = eval_dequantize_linear,
     .half_since = kNeverHalf},
    {.domain = "",
     .type = "DynamicQuantizeLinear",
     .first_version = 11,
     .last_version = 11,
     .infer = infer_dynamic,
     .eval = eval_dynamic_quantize,
     .half_since = kNeverHalf},
    {.domain = kMicrosoftDomain,
     .type = "QuantizeLinear",
     .infer = infer_quantize_linear,
     .eval = eval_quantize_linear},
    {.domain = kMicrosoftDomain,
     .type = "DequantizeLinear",
     .infer = infer_dequantize_linear,
     .eval = eval_dequantize_linear},
    {.domain = kTfliteDomain,
     .type = "QUANTIZE",
     .first_version = 1,
     .last_version = 4,
     .infer = infer_quantize,
     .tflite_version = quantize_version,
     .tflite_runtime = quantize_runtime,
     .eval = eval_quantize},
    {.domain = kTfliteDomain,
     .type = "DEQUANTIZE",
     .first_version = 1,
     .last_version = 8,
     .infer = infer_to_float,
     .view = same_axes,
     .tflite_version = dequantize_version,
     .tflite_runtime = dequantize_runtime,
     .eval = eval_dequantize},
};

}  // namespace

OpFamily quantize_family() { return {"quantize", "Between real numbers and codes.", kOps}; }

}  // namespace narrowcast::ops

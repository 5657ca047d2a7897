#include "ops/quantize/quantize_eval.h"

#include <algorithm>

#include "base/math/round.h"
#include "kernels/pack_int4/pack_int4.h"
#include "kernels/quantize/quantize.h"
#include "kernels/quantize/quantize_one.h"
#include "ops/cast/convert.h"
#include "ops/quantize/code_scales.h"

namespace narrowcast::ops {
namespace {

using kernels::CodeRange;
using kernels::CodeSpec;
using kernels::Rounding;

// TFLite's: the quotient in float32, halves away from zero.
int32_t code_half_away(float x, float scale, int32_t zero_point, CodeRange range) {
  const double code = math::round_half_away(static_cast<double>(x / scale)) + static_cast<double>(zero_point);
  if (code != code) return kernels::clamp_code(zero_point, range);
  return static_cast<int32_t>(std::clamp<double>(code, range.min, range.max));
}

template <typename T>
void quantize_loop(const float* x, const CodeScales& s, CodeSpec spec, T* codes) {
  const bool to_even = spec.rounding == Rounding::float32_half_even;
  for (std::size_t o = 0; o < s.outer; ++o) {
    for (std::size_t j = 0; j < s.k; ++j) {
      for (std::size_t i = 0; i < s.inner; ++i) {
        const std::size_t at = s.of(o, j, i);
        const float value = *x++;
        const float scale = s.scales[at];
        const int32_t zero = s.zero_points[at];
        *codes++ = static_cast<T>(to_even ? kernels::quantize_half_even(value, scale, zero, spec.range)
                                          : code_half_away(value, scale, zero, spec.range));
      }
    }
  }
}

#define NC_QUANTIZE(t, T)                                                                                             \
  void quantize_with(const float* x, std::size_t n, const CodeScales& s, const double* scales, CodeSpec spec, T* q) { \
    if (s.scales.size() == 1) {                                                                                       \
      kernels::quantize_f32_##t(x, n, scales[0], s.zero_points[0], spec, q);                                          \
    } else {                                                                                                          \
      kernels::quantize_f32_##t##_per_channel(x, n, 0, {s.k, s.inner}, {scales, s.zero_points.data()}, spec, q);      \
    }                                                                                                                 \
  }
NC_QUANTIZE(i8, int8_t)
NC_QUANTIZE(u8, uint8_t)
NC_QUANTIZE(i16, int16_t)
NC_QUANTIZE(u16, uint16_t)
#undef NC_QUANTIZE

template <typename T>
void quantize_as(const float* x, std::size_t n, const CodeScales& s, CodeSpec spec, uint8_t* codes) {
  T* typed = reinterpret_cast<T*>(codes);
  if (!s.are_regular() || spec.rounding != Rounding::float32_half_even) return quantize_loop(x, s, spec, typed);
  const std::vector<double> scales(s.scales.begin(), s.scales.end());
  quantize_with(x, n, s, scales.data(), spec, typed);
}

// Integer codes of x into y, by its type.
Status quantize_codes(EvalContext& ctx, const float* x, const CodeScales& s, Rounding rounding, const Tensor& y) {
  const CodeSpec spec{*code_range(y.dtype), rounding};
  const std::size_t n = y.count();
  uint8_t* codes = y.writable<uint8_t>();
  const bool packs = dtype_bits(y.dtype) < 8;
  if (packs) {
    NC_TRY(codes, ctx.scratch(n));
  }
  switch (y.dtype) {
    case DType::i4:
    case DType::i8:
      quantize_as<int8_t>(x, n, s, spec, codes);
      break;
    case DType::i16:
      quantize_as<int16_t>(x, n, s, spec, codes);
      break;
    case DType::u16:
      quantize_as<uint16_t>(x, n, s, spec, codes);
      break;
    default:
      quantize_as<uint8_t>(x, n, s, spec, codes);
  }
  if (packs) kernels::pack_int4(codes, n, y.writable<uint8_t>());
  return {};
}

// The operand as float32: integers are converted.
Result<const float*> as_floats(EvalContext& ctx, const Tensor& x) {
  if (x.dtype == DType::f32) return x.as<float>();
  if (!converts(x.dtype)) return fail(ErrorCode::unsupported, ctx.op().type + " of this type does not run here.");
  NC_TRY(uint8_t* const bytes, ctx.scratch(x.count() * sizeof(float)));
  convert_elements(x, Tensor{DType::f32, Layout::plain, x.shape, {}, bytes}, true);
  return reinterpret_cast<const float*>(bytes);
}

// Codes that are floats themselves: the quotient, cast. The zero point is zero; adding it leaves no negative zero.
Status quantize_floats(EvalContext& ctx, const float* x, const CodeScales& s, const Tensor& y) {
  NC_TRY(uint8_t* const bytes, ctx.scratch(y.count() * sizeof(float)));
  auto* quotient = reinterpret_cast<float*>(bytes);
  for (std::size_t o = 0; o < s.outer; ++o) {
    for (std::size_t j = 0; j < s.k; ++j) {
      for (std::size_t i = 0; i < s.inner; ++i) *quotient++ = *x++ / s.scales[s.of(o, j, i)] + 0.0F;
    }
  }
  convert_elements(Tensor{DType::f32, Layout::plain, y.shape, {}, bytes}, y, ctx.op().int_or("saturate", 1) != 0);
  return {};
}

}  // namespace

Status eval_quantize_linear(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  NC_TRY(const CodeScales scales, read_scales(ctx, x.shape, 1, 2));
  NC_TRY(const float* const values, as_floats(ctx, x));
  NC_TRY(Tensor* const y, ctx.make(0));
  if (code_range(y->dtype)) return quantize_codes(ctx, values, scales, Rounding::float32_half_even, *y);
  if (converts(y->dtype) && dtype_bits(y->dtype) <= 8 && y->dtype != DType::boolean) {
    return quantize_floats(ctx, values, scales, *y);
  }
  return fail(ErrorCode::unsupported, "QuantizeLinear to this type does not run here.");
}

Status eval_dequantize_linear(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  NC_TRY(const CodeScales scales, read_scales(ctx, x.shape, 1, 2));
  NC_TRY(Tensor* const y, ctx.make(0, DType::f32, x.shape));
  return dequantize_codes(ctx, x, scales, y->writable<float>());
}

Status eval_dynamic_quantize(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  if (x.dtype != DType::f32) return fail(ErrorCode::malformed, "DynamicQuantizeLinear: the operand is not float32.");
  const CodeScales scales = dynamic_scales(x.as<float>(), x.count());
  NC_TRY(Tensor* const y, ctx.make(0));
  NC_CHECK(quantize_codes(ctx, x.as<float>(), scales, Rounding::float32_half_even, *y));
  NC_TRY(Tensor* const scale, ctx.make(1));
  *scale->writable<float>() = scales.scales[0];
  NC_TRY(Tensor* const zero_point, ctx.make(2));
  *zero_point->writable<uint8_t>() = static_cast<uint8_t>(scales.zero_points[0]);
  return {};
}

Status eval_quantize(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  const DType dtype = ctx.inferred(0).dtype;
  if (!code_range(dtype)) return fail(ErrorCode::unsupported, "QUANTIZE to this type does not run here.");
  NC_TRY(const CodeScales scales, read_scales(ctx, x.shape, ctx.result_quant(0)));
  const float* values = x.as<float>();
  if (x.dtype != DType::f32) {
    NC_TRY(const CodeScales old, read_scales(ctx, x.shape, ctx.operand_quant(0)));
    NC_TRY(uint8_t* const bytes, ctx.scratch(x.count() * sizeof(float)));
    NC_CHECK(dequantize_codes(ctx, x, old, reinterpret_cast<float*>(bytes)));
    values = reinterpret_cast<const float*>(bytes);
  }
  NC_TRY(Tensor* const y, ctx.make(0, dtype, x.shape));
  return quantize_codes(ctx, values, scales, Rounding::float64_half_away, *y);
}

// Also of float16, which the executor has widened.
Status eval_dequantize(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  if (x.dtype == DType::f32) {
    ctx.share(0, x, x.shape);
    return {};
  }
  NC_TRY(const CodeScales scales, read_scales(ctx, x.shape, ctx.operand_quant(0)));
  NC_TRY(Tensor* const y, ctx.make(0, DType::f32, x.shape));
  return dequantize_codes(ctx, x, scales, y->writable<float>());
}

}  // namespace narrowcast::ops

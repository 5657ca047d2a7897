#include "ops/quantize/code_scales.h"

#include <algorithm>

#include "base/math/round.h"
#include "kernels/dequantize/dequantize.h"
#include "kernels/pack_int4/pack_int4.h"
#include "ops/axes.h"
#include "ops/cast/convert.h"
#include "ops/elements.h"
#include "ops/index.h"

namespace narrowcast::ops {
namespace {

std::unexpected<Error> misfit(const RawOp& op) {
  return fail(ErrorCode::malformed, op.type + ": the scales and zero points do not fit the tensor.");
}

void place(CodeScales& scales, const Shape& shape, std::size_t axis) {
  const std::span<const int64_t> sizes(shape);
  scales.outer = count_of(sizes.first(axis));
  scales.k = static_cast<std::size_t>(sizes[axis]);
  scales.inner = count_of(sizes.subspan(axis + 1));
}

// Codes that are loaded one by one, when the kernels do not take them.
template <typename T>
void dequantize_loop(const T* codes, const CodeScales& s, float* x) {
  for (std::size_t o = 0; o < s.outer; ++o) {
    for (std::size_t j = 0; j < s.k; ++j) {
      for (std::size_t i = 0; i < s.inner; ++i) {
        const std::size_t at = s.of(o, j, i);
        const int64_t code = static_cast<int64_t>(*codes++) - s.zero_points[at];
        *x++ = static_cast<float>(code) * s.scales[at];
      }
    }
  }
}

#define NC_DEQUANTIZE(t, T)                                                                                      \
  void dequantize_with(const T* codes, std::size_t n, const CodeScales& s, const double* scales, float* x) {     \
    if (s.scales.size() == 1) {                                                                                  \
      kernels::dequantize_##t##_f32(codes, n, scales[0], s.zero_points[0], x);                                   \
    } else {                                                                                                     \
      kernels::dequantize_##t##_f32_per_channel(codes, n, 0, {s.k, s.inner}, {scales, s.zero_points.data()}, x); \
    }                                                                                                            \
  }
NC_DEQUANTIZE(i8, int8_t)
NC_DEQUANTIZE(u8, uint8_t)
NC_DEQUANTIZE(i16, int16_t)
NC_DEQUANTIZE(u16, uint16_t)
#undef NC_DEQUANTIZE

template <typename T>
void dequantize_as(const uint8_t* codes, std::size_t n, const CodeScales& s, float* x) {
  const T* typed = reinterpret_cast<const T*>(codes);
  if (!s.are_regular()) return dequantize_loop(typed, s, x);
  const std::vector<double> scales(s.scales.begin(), s.scales.end());
  dequantize_with(typed, n, s, scales.data(), x);
}

void multiply_loop(const CodeScales& s, float* x) {
  for (std::size_t o = 0; o < s.outer; ++o) {
    for (std::size_t j = 0; j < s.k; ++j) {
      for (std::size_t i = 0; i < s.inner; ++i, ++x) *x *= s.scales[s.of(o, j, i)];
    }
  }
}

}  // namespace

bool CodeScales::are_regular() const {
  return block == 0 && std::ranges::all_of(scales, [](float scale) { return scale > 0 && scale < 0x1p127F; });
}

Result<CodeScales> read_scales(const EvalContext& ctx, const Shape& shape, std::size_t scale, std::size_t zero_point) {
  CodeScales out;
  if (!ctx.present(scale) || ctx.operand(scale).dtype != DType::f32) return misfit(ctx.op());
  const Tensor& s = ctx.operand(scale);
  out.scales.assign(s.as<float>(), s.as<float>() + s.count());
  out.zero_points.assign(out.scales.size(), 0);
  if (ctx.present(zero_point)) {
    const Tensor& z = ctx.operand(zero_point);
    if (z.count() != s.count()) return misfit(ctx.op());
    if (code_range(z.dtype) || z.dtype == DType::i32) {
      const Tensor wide{
          DType::i32, Layout::plain, z.shape, {}, reinterpret_cast<const uint8_t*>(out.zero_points.data())};
      convert_elements(z, wide, true);
    }
  }
  const int64_t block = ctx.op().int_or("block_size", 0);
  if (block <= 0 && s.count() == 1) {
    out.inner = count_of(shape);
    return out;
  }
  NC_TRY(const std::size_t axis, find_axis(ctx.op(), ctx.op().int_or("axis", 1), shape.size()));
  place(out, shape, axis);
  if (block <= 0) {
    if (s.rank() > 1 || s.count() != out.k) return misfit(ctx.op());
    return out;
  }
  Shape blocks = shape;
  blocks[axis] = shape[axis] / block + (shape[axis] % block != 0 ? 1 : 0);
  if (s.shape != blocks) return misfit(ctx.op());
  out.block = static_cast<std::size_t>(block);
  return out;
}

Result<CodeScales> read_scales(const EvalContext& ctx, const Shape& shape, const QuantParams* quant) {
  CodeScales out;
  if (quant == nullptr || quant->scales.empty()) {
    return fail(ErrorCode::unsupported, ctx.op().type + ": the tensor of codes has no scales of its own.");
  }
  out.scales = quant->scales;
  out.zero_points.assign(out.scales.size(), 0);
  for (std::size_t i = 0; i < quant->zero_points.size() && i < out.scales.size(); ++i) {
    const int64_t zero = quant->zero_points[i];
    if (zero < INT32_MIN || zero > INT32_MAX) return misfit(ctx.op());
    out.zero_points[i] = static_cast<int32_t>(zero);
  }
  if (out.scales.size() == 1) {
    out.inner = count_of(shape);
    return out;
  }
  NC_TRY(const std::size_t axis, find_axis(ctx.op(), quant->axis, shape.size()));
  place(out, shape, axis);
  if (out.k != out.scales.size()) return misfit(ctx.op());
  return out;
}

CodeScales dynamic_scales(const float* x, std::size_t n) {
  float low = 0;
  float high = 0;
  for (std::size_t i = 0; i < n; ++i) {
    low = std::min(low, x[i]);
    high = std::max(high, x[i]);
  }
  constexpr float kCodes = 255;
  CodeScales scales;
  scales.inner = n;
  scales.scales = {low == high ? 1.0F : (high - low) / kCodes};
  const float zero = std::clamp(0.0F - low / scales.scales[0], 0.0F, kCodes);
  scales.zero_points = {zero == zero ? static_cast<int32_t>(math::round_half_even(zero)) : 0};
  return scales;
}

std::optional<kernels::CodeRange> code_range(DType dtype) {
  switch (dtype) {
    case DType::i8:
      return kernels::kI8;
    case DType::u8:
      return kernels::kU8;
    case DType::i16:
      return kernels::kI16;
    case DType::u16:
      return kernels::kU16;
    case DType::i4:
      return kernels::kI4;
    case DType::u4:
      return kernels::kU4;
    default:
      return std::nullopt;
  }
}

Result<const uint8_t*> unpacked_codes(EvalContext& ctx, const Tensor& codes) {
  if (codes.dtype != DType::i4 && codes.dtype != DType::u4) return codes.data;
  NC_TRY(uint8_t* const bytes, ctx.scratch(codes.count()));
  if (codes.dtype == DType::i4) {
    kernels::unpack_int4(codes.data, codes.count(), reinterpret_cast<int8_t*>(bytes));
  } else {
    kernels::unpack_uint4(codes.data, codes.count(), bytes);
  }
  return bytes;
}

Status dequantize_codes(EvalContext& ctx, const Tensor& codes, const CodeScales& s, float* x) {
  NC_TRY(const uint8_t* const bytes, unpacked_codes(ctx, codes));
  const std::size_t n = codes.count();
  switch (codes.dtype) {
    case DType::i4:
    case DType::i8:
      dequantize_as<int8_t>(bytes, n, s, x);
      return {};
    case DType::u4:
    case DType::u8:
      dequantize_as<uint8_t>(bytes, n, s, x);
      return {};
    case DType::i16:
      dequantize_as<int16_t>(bytes, n, s, x);
      return {};
    case DType::u16:
      dequantize_as<uint16_t>(bytes, n, s, x);
      return {};
    case DType::i32:
      dequantize_loop(codes.as<int32_t>(), s, x);
      return {};
    default:
      break;
  }
  if (!converts(codes.dtype)) return fail(ErrorCode::unsupported, ctx.op().type + " of this type does not run here.");
  convert_elements(codes, Tensor{DType::f32, Layout::plain, codes.shape, {}, reinterpret_cast<const uint8_t*>(x)},
                   true);
  multiply_loop(s, x);
  return {};
}

}  // namespace narrowcast::ops

#include "ops/matmul/integer_product.h"

#include "base/math/round.h"
#include "ops/elements.h"

namespace narrowcast::ops {
namespace {

bool is_byte(DType dtype) { return dtype == DType::u8 || dtype == DType::i8; }

std::unexpected<Error> does_not_fit(const EvalContext& ctx, std::size_t slot) {
  return fail(ErrorCode::malformed, ctx.op().type + ": operand " + std::to_string(slot) + " has not one element, nor " +
                                        "one for each row or column.");
}

}  // namespace

Result<Tensor> without_zero_point(EvalContext& ctx, std::size_t slot, std::size_t zero_point, std::size_t axis) {
  const Tensor& codes = ctx.operand(slot);
  if (!is_byte(codes.dtype)) {
    return fail(ErrorCode::unsupported,
                ctx.op().type + " of " + std::string(dtype_name(codes.dtype)) + " does not run here.");
  }
  const std::vector<int64_t> zeros = ctx.ints(zero_point);
  std::size_t inner = 1;
  for (std::size_t i = axis + 1; i < codes.rank(); ++i) inner *= static_cast<std::size_t>(codes.shape[i]);
  const std::size_t n = axis < codes.rank() ? static_cast<std::size_t>(codes.shape[axis]) : 1;
  if (zeros.size() > 1 && zeros.size() != n) return does_not_fit(ctx, zero_point);
  NC_TRY(uint8_t* const bytes, ctx.scratch(codes.count() * sizeof(int32_t)));
  auto* const out = reinterpret_cast<int32_t*>(bytes);
  for (std::size_t i = 0; i < codes.count(); ++i) {
    const int64_t zero = zeros.empty() ? 0 : zeros[zeros.size() == 1 ? 0 : i / inner % n];
    out[i] = static_cast<int32_t>(load_int(codes, i) - zero);
  }
  return Tensor{DType::i32, Layout::plain, codes.shape, {}, bytes};
}

Result<std::vector<float>> read_factors(const EvalContext& ctx, std::size_t slot, std::size_t count) {
  if (!ctx.present(slot) || ctx.operand(slot).dtype != DType::f32) {
    return fail(ErrorCode::malformed, ctx.op().type + ": operand " + std::to_string(slot) + " is no scale.");
  }
  const Tensor& scale = ctx.operand(slot);
  if (scale.count() != 1 && scale.count() != count) return does_not_fit(ctx, slot);
  std::vector<float> factors(count);
  for (std::size_t i = 0; i < count; ++i) factors[i] = scale.as<float>()[scale.count() == 1 ? 0 : i];
  return factors;
}

Result<ResultCodes> read_result_codes(const EvalContext& ctx, std::size_t scale, std::size_t zero_point) {
  NC_TRY(const std::vector<float> factors, read_factors(ctx, scale, 1));
  const std::vector<int64_t> zeros = ctx.ints(zero_point);
  if (zeros.size() != 1 || !is_byte(ctx.operand(zero_point).dtype)) {
    return fail(ErrorCode::unsupported, ctx.op().type + " to other codes than of 8 bits does not run here.");
  }
  const bool is_signed = ctx.operand(zero_point).dtype == DType::i8;
  return ResultCodes{factors[0], static_cast<int32_t>(zeros[0]), is_signed ? -128 : 0, is_signed ? 127 : 255};
}

int32_t ResultCodes::code(float steps) const {
  float value = steps;
  const auto least = static_cast<float>(low - zero_point);
  const auto most = static_cast<float>(high - zero_point);
  if (!(value > least)) value = value != value ? 0 : least;
  if (value > most) value = most;
  return static_cast<int32_t>(math::round_half_even(value)) + zero_point;
}

}  // namespace narrowcast::ops

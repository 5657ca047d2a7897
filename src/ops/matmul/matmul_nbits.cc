#include "ops/finish.h"
#include "ops/matmul/integer_matmul.h"
#include "ops/matmul/product.h"

namespace narrowcast::ops {
namespace {

struct Blocks {
  std::size_t bits = 4, block = 32, n = 0, k = 0;
  [[nodiscard]] std::size_t count() const { return (k + block - 1) / block; }
  [[nodiscard]] std::size_t block_bytes() const { return block * bits / 8; }
  [[nodiscard]] std::size_t zero_bytes() const { return (count() * bits + 7) / 8; }
};

Result<Blocks> read_blocks(const RawOp& op) {
  const int64_t bits = op.int_or("bits", 4);
  const int64_t block = op.int_or("block_size", 0);
  const int64_t n = op.int_or("N", 0);
  const int64_t k = op.int_or("K", 0);
  if (bits != 4 && bits != 8) {
    return fail(ErrorCode::unsupported, op.type + " of " + std::to_string(bits) + " bits does not run here.");
  }
  if (block < 2 || block > INT32_MAX || n <= 0 || n > INT32_MAX || k <= 0 || k > INT32_MAX) {
    return fail(ErrorCode::malformed, op.type + ": N, K and block_size make no sense.");
  }
  return Blocks{static_cast<std::size_t>(bits), static_cast<std::size_t>(block), static_cast<std::size_t>(n),
                static_cast<std::size_t>(k)};
}

// A code of consecutive ones, the low half of a byte first.
uint8_t code_at(const uint8_t* bytes, std::size_t i, std::size_t bits) {
  if (bits == 8) return bytes[i];
  return static_cast<uint8_t>(i % 2 == 0 ? bytes[i / 2] & 15 : bytes[i / 2] >> 4);
}

Status check_weights(const RawOp& op, const Blocks& s, const Tensor& b, const Tensor& scales, const Tensor* zeros) {
  if (zeros != nullptr && zeros->dtype != DType::u8) {
    return fail(ErrorCode::unsupported,
                op.type + " with zero points in " + std::string(dtype_name(zeros->dtype)) + " does not run here.");
  }
  const uint64_t blocks = uint64_t{s.n} * s.count();
  if (b.dtype == DType::u8 && b.count() == blocks * s.block_bytes() && scales.dtype == DType::f32 &&
      scales.count() == blocks && (zeros == nullptr || zeros->count() == uint64_t{s.n} * s.zero_bytes())) {
    return {};
  }
  return fail(ErrorCode::malformed, op.type + ": the weights do not fit N, K and block_size.");
}

// Rows of k floats.
void dequantize(const Blocks& s, const Tensor& b, const Tensor& scales, const Tensor* zeros, float* w) {
  for (std::size_t row = 0; row < s.n; ++row) {
    for (std::size_t i = 0; i < s.k; ++i) {
      const std::size_t in_row = i / s.block;
      const std::size_t block = row * s.count() + in_row;
      const int code = code_at(b.data + block * s.block_bytes(), i % s.block, s.bits);
      const int zero =
          zeros == nullptr ? 1 << (s.bits - 1) : code_at(zeros->data + row * s.zero_bytes(), in_row, s.bits);
      w[row * s.k + i] = static_cast<float>(code - zero) * scales.as<float>()[block];
    }
  }
}

Shape weight_shape(const Blocks& s) { return {static_cast<int64_t>(s.n), static_cast<int64_t>(s.k)}; }

}  // namespace

Result<std::unique_ptr<Prepared>> prepare_matmul_nbits(const PrepareContext& ctx) {
  constexpr std::size_t kBias = 5;
  const auto constant = [&](std::size_t slot) { return slot < ctx.constants.size() ? ctx.constants[slot] : nullptr; };
  const Tensor* zeros = constant(3);
  if (constant(1) == nullptr || constant(2) == nullptr || (ctx.present(3) && zeros == nullptr) || ctx.present(4) ||
      ctx.present(kBias)) {
    return nullptr;
  }
  NC_TRY(const Blocks s, read_blocks(ctx.op));
  NC_CHECK(check_weights(ctx.op, s, *constant(1), *constant(2), zeros));
  std::vector<float> w(s.n * s.k);
  dequantize(s, *constant(1), *constant(2), zeros, w.data());
  const Tensor matrix{DType::f32, Layout::plain, weight_shape(s), {}, reinterpret_cast<const uint8_t*>(w.data())};
  return pack_right(matrix, matrix.shape, true, 1, {}, ctx.affine);
}

Status eval_matmul_nbits(EvalContext& ctx) {
  const RawOp& op = ctx.op();
  const Tensor& a = ctx.operand(0);
  if (ctx.present(4)) return fail(ErrorCode::unsupported, op.type + " with a group index does not run here.");
  NC_TRY(const Blocks s, read_blocks(op));
  if (a.rank() == 0 || a.dtype != DType::f32 || a.shape.back() != static_cast<int64_t>(s.k)) {
    return fail(ErrorCode::malformed, op.type + ": rows of " + shape_text(a.shape) + " have not K elements.");
  }
  const bool has_bias = ctx.present(5);
  if (has_bias && (ctx.operand(5).dtype != DType::f32 || ctx.operand(5).count() != s.n)) {
    return fail(ErrorCode::malformed, op.type + ": the bias does not fit N.");
  }
  NC_TRY(Tensor* const y, ctx.make(0));
  const auto* packed = ctx.prepared<PackedRight>();
  Tensor w{DType::f32, Layout::plain, weight_shape(s), {}, nullptr};
  if (packed == nullptr) {
    const Tensor* zeros = ctx.present(3) ? &ctx.operand(3) : nullptr;
    NC_CHECK(check_weights(op, s, ctx.operand(1), ctx.operand(2), zeros));
    NC_TRY(uint8_t* const bytes, ctx.scratch(s.n * s.k * sizeof(float)));
    dequantize(s, ctx.operand(1), ctx.operand(2), zeros, reinterpret_cast<float*>(bytes));
    w.data = bytes;
  }
  Product product{.a = &a,
                  .a_shape = {static_cast<int64_t>(a.count() / s.k), static_cast<int64_t>(s.k)},
                  .b = &w,
                  .b_shape = w.shape,
                  .transpose_b = true,
                  .bias = has_bias ? ctx.data<float>(5) : nullptr,
                  .packed = packed};
  if (packed != nullptr && !packed->bias.empty()) product.bias = packed->bias.data();
  return multiply_f32(ctx, product, ctx.epilogue(), *y);
}

}  // namespace narrowcast::ops

#include "ops/matmul/matmul_eval.h"

#include "ops/elements.h"
#include "ops/finish.h"
#include "ops/lane.h"
#include "ops/matmul/product.h"
#include "ops/strides.h"

namespace narrowcast::ops {
namespace {

using Floats32 = std::vector<float>;

// A vector is one row on the left, one column on the right.
Shape left_matrix(const Shape& shape) { return shape.size() == 1 ? Shape{1, shape[0]} : shape; }
Shape right_matrix(const Shape& shape) { return shape.size() == 1 ? Shape{shape[0], 1} : shape; }

Status check_types(const RawOp& op, const Product& product, const Tensor& y) {
  if (product.a->dtype == y.dtype && product.b->dtype == y.dtype) return {};
  return fail(ErrorCode::malformed, op.type + ": the operands differ in type.");
}

Status multiply(EvalContext& ctx, const Product& product, kernels::Clamp own, Tensor& y) {
  NC_CHECK(check_types(ctx.op(), product, y));
  if (y.dtype == DType::f32) return multiply_f32(ctx, product, after_clamp(own, ctx.epilogue()), y);
  return multiply_exact(product, y);
}

struct Flags {
  bool transpose_a, transpose_b;
  float alpha;
};

// Plain MatMul has none of these.
Flags matmul_flags(const RawOp& op) {
  return {op.int_or("transA", 0) != 0, op.int_or("transB", 0) != 0, op.float_or("alpha", 1)};
}

Flags batch_flags(const RawOp& op) { return {op.int_or("adj_x", 0) != 0, op.int_or("adj_y", 0) != 0, 1}; }

Result<std::unique_ptr<Prepared>> prepare_right(const PrepareContext& ctx, Flags flags) {
  if (ctx.floats(1) == nullptr || ctx.floats(1)->rank() < 2) return nullptr;
  const Tensor& b = *ctx.floats(1);
  return pack_right(b, b.shape, flags.transpose_b, flags.alpha, {}, ctx.affine);
}

Status eval_product(EvalContext& ctx, Flags flags) {
  NC_TRY(Tensor* const y, ctx.make(0));
  const auto* packed = ctx.prepared<PackedRight>();
  Product product{.a = &ctx.operand(0),
                  .a_shape = left_matrix(ctx.operand(0).shape),
                  .transpose_a = flags.transpose_a && ctx.operand(0).rank() > 1,
                  .b = &ctx.operand(1),
                  .b_shape = right_matrix(ctx.operand(1).shape),
                  .transpose_b = flags.transpose_b && ctx.operand(1).rank() > 1,
                  .alpha = flags.alpha,
                  .packed = packed};
  if (packed != nullptr && !packed->bias.empty()) product.bias = packed->bias.data();
  return multiply(ctx, product, {}, *y);
}

// Gemm's C as one number a column, where it is the same for every row; times beta.
std::optional<Floats32> column_bias(const Tensor& c, std::size_t n, float beta) {
  if (c.dtype != DType::f32 || c.data == nullptr) return std::nullopt;
  const bool scalar = c.count() == 1;
  const bool row = c.count() == n && !c.shape.empty() && static_cast<std::size_t>(c.shape.back()) == n;
  if (!scalar && !row) return std::nullopt;
  Floats32 bias(n);
  for (std::size_t i = 0; i < n; ++i) bias[i] = beta * c.as<float>()[scalar ? 0 : i];
  return bias;
}

// y += beta c, c stretched over y.
template <typename T>
void add_scaled(const Tensor& c, T beta, Tensor& y) {
  const BroadcastWalk walk(y.shape, {&c.shape});
  walk.for_each([&](std::size_t to, const auto& offsets) {
    const T* from = c.as<T>() + offsets[0];
    for (std::size_t i = 0; i < walk.run_length(); ++i) {
      T& element = y.writable<T>()[to + i];
      element = static_cast<T>(element + static_cast<T>(beta * from[walk.steps(0) ? i : 0]));
    }
  });
}

Status add_c(const Tensor& c, float beta, Tensor& y) {
  NC_CHECK(check_stretch(c, y));
  if (c.dtype != y.dtype) return fail(ErrorCode::malformed, "Gemm: C and the product differ in type.");
  switch (y.dtype) {
    case DType::f32:
      add_scaled<float>(c, beta, y);
      return {};
    case DType::f64:
      add_scaled<double>(c, beta, y);
      return {};
    case DType::i32:
    case DType::u32:
      add_scaled<uint32_t>(c, static_cast<uint32_t>(cut(static_cast<double>(beta))), y);
      return {};
    case DType::i64:
    case DType::u64:
      add_scaled<uint64_t>(c, static_cast<uint64_t>(cut(static_cast<double>(beta))), y);
      return {};
    default:
      return fail(ErrorCode::unsupported, "Gemm of " + std::string(dtype_name(y.dtype)) + " does not run here.");
  }
}

// Whether the product's last axis, `n`, can take the operand as its bias.
bool is_bias(const Tensor& bias, std::size_t n) { return bias.dtype == DType::f32 && bias.count() == n; }

}  // namespace

Result<std::unique_ptr<Prepared>> prepare_matmul(const PrepareContext& ctx) {
  return prepare_right(ctx, matmul_flags(ctx.op));
}

Status eval_matmul(EvalContext& ctx) {
  if (ctx.op().int_or("transBatchA", 0) != 0 || ctx.op().int_or("transBatchB", 0) != 0) {
    return fail(ErrorCode::unsupported, ctx.op().type + " with transposed batches does not run here.");
  }
  return eval_product(ctx, matmul_flags(ctx.op()));
}

Result<std::unique_ptr<Prepared>> prepare_batch_matmul(const PrepareContext& ctx) {
  return prepare_right(ctx, batch_flags(ctx.op));
}

Status eval_batch_matmul(EvalContext& ctx) { return eval_product(ctx, batch_flags(ctx.op())); }

// Packed only when the bias is of columns and constant too, or absent: then eval reads neither.
Result<std::unique_ptr<Prepared>> prepare_gemm(const PrepareContext& ctx) {
  if (ctx.floats(1) == nullptr || ctx.floats(1)->rank() != 2) return nullptr;
  const Flags flags = matmul_flags(ctx.op);
  const Tensor& b = *ctx.floats(1);
  const auto n = static_cast<std::size_t>(b.shape[flags.transpose_b ? 0 : 1]);
  Floats32 bias;
  if (ctx.present(2)) {
    const float beta = ctx.op.float_or("beta", 1);
    if (ctx.floats(2) == nullptr) return nullptr;
    auto columns = column_bias(*ctx.floats(2), n, beta);
    if (!columns) return nullptr;
    if (beta != 0) bias = std::move(*columns);
  }
  return pack_right(b, b.shape, flags.transpose_b, flags.alpha, std::move(bias), ctx.affine);
}

Status eval_gemm(EvalContext& ctx) {
  NC_TRY(Tensor* const y, ctx.make(0));
  const Flags flags = matmul_flags(ctx.op());
  const float beta = ctx.op().float_or("beta", 1);
  const auto* packed = ctx.prepared<PackedRight>();
  Product product{.a = &ctx.operand(0),
                  .a_shape = ctx.operand(0).shape,
                  .transpose_a = flags.transpose_a,
                  .b = &ctx.operand(1),
                  .b_shape = ctx.operand(1).shape,
                  .transpose_b = flags.transpose_b,
                  .alpha = flags.alpha,
                  .packed = packed};
  if (packed != nullptr) {
    if (!packed->bias.empty()) product.bias = packed->bias.data();
    return multiply(ctx, product, {}, *y);
  }
  const bool adds = ctx.present(2) && beta != 0;
  const auto n = static_cast<std::size_t>(y->shape[1]);
  const auto bias = adds ? column_bias(ctx.operand(2), n, beta) : std::nullopt;
  if (bias) product.bias = bias->data();
  if (!adds || bias) return multiply(ctx, product, {}, *y);
  NC_CHECK(check_types(ctx.op(), product, *y));
  if (y->dtype != DType::f32) {
    NC_CHECK(multiply_exact(product, *y));
    return add_c(ctx.operand(2), beta, *y);
  }
  NC_CHECK(multiply_f32(ctx, product, {}, *y));
  NC_CHECK(add_c(ctx.operand(2), beta, *y));
  finish_rows(ctx.epilogue(), y->writable<float>(), static_cast<std::size_t>(y->shape[0]), n);
  return {};
}

Result<std::unique_ptr<Prepared>> prepare_fully_connected(const PrepareContext& ctx) {
  if (ctx.floats(1) == nullptr || ctx.floats(1)->rank() != 2) return nullptr;
  const Tensor& w = *ctx.floats(1);
  const auto n = static_cast<std::size_t>(w.shape[0]);
  Floats32 bias;
  if (ctx.present(2)) {
    if (ctx.floats(2) == nullptr || !is_bias(*ctx.floats(2), n)) return nullptr;
    bias.assign(ctx.floats(2)->as<float>(), ctx.floats(2)->as<float>() + n);
  }
  return pack_right(w, w.shape, true, 1, std::move(bias), ctx.affine);
}

Status eval_fully_connected(EvalContext& ctx) {
  NC_TRY(const kernels::Clamp own, fused_clamp(ctx.op()));
  const Tensor& x = ctx.operand(0);
  const Tensor& w = ctx.operand(1);
  NC_TRY(Tensor* const y, ctx.make(0));
  if (y->dtype != DType::f32 || w.dtype != DType::f32 || w.rank() != 2) {
    return fail(ErrorCode::unsupported, "FULLY_CONNECTED of " + std::string(dtype_name(x.dtype)) + " by " +
                                            std::string(dtype_name(w.dtype)) + " does not run here.");
  }
  if (w.shape[1] == 0 || x.count() % static_cast<std::size_t>(w.shape[1]) != 0) {
    return fail(ErrorCode::malformed, "FULLY_CONNECTED: " + shape_text(x.shape) + " has no rows of " +
                                          std::to_string(w.shape[1]) + " elements.");
  }
  const auto* packed = ctx.prepared<PackedRight>();
  Product product{.a = &x,
                  .a_shape = {static_cast<int64_t>(x.count()) / w.shape[1], w.shape[1]},
                  .b = &w,
                  .b_shape = w.shape,
                  .transpose_b = true,
                  .packed = packed};
  if (packed != nullptr) {
    if (!packed->bias.empty()) product.bias = packed->bias.data();
  } else if (ctx.present(2)) {
    if (!is_bias(ctx.operand(2), static_cast<std::size_t>(w.shape[0]))) {
      return fail(ErrorCode::malformed, "FULLY_CONNECTED: the bias does not fit the weights.");
    }
    product.bias = ctx.data<float>(2);
  }
  return multiply(ctx, product, own, *y);
}

}  // namespace narrowcast::ops

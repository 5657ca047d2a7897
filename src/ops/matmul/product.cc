#include "ops/matmul/product.h"

#include <algorithm>

#include "kernels/gemm/gemm.h"
#include "ops/broadcast.h"
#include "ops/finish.h"
#include "ops/strides.h"

namespace narrowcast::ops {
namespace {

using kernels::gemm_f32;
using kernels::pack_gemm_f32;
using kernels::packed_gemm_floats;

struct Sizes {
  std::size_t m, n, k;
};

std::size_t size_at(const Shape& shape, std::size_t from_end) {
  return static_cast<std::size_t>(shape[shape.size() - from_end]);
}

Result<Sizes> sizes_of(const Product& p) {
  const Sizes sizes{size_at(p.a_shape, p.transpose_a ? 1 : 2), size_at(p.b_shape, p.transpose_b ? 2 : 1),
                    size_at(p.a_shape, p.transpose_a ? 2 : 1)};
  if (sizes.k != size_at(p.b_shape, p.transpose_b ? 1 : 2)) {
    return fail(ErrorCode::malformed,
                "Matrices " + shape_text(p.a_shape) + " and " + shape_text(p.b_shape) + " do not multiply.");
  }
  return sizes;
}

Shape batch_of(const Shape& shape) { return {shape.begin(), shape.end() - 2}; }

void pack_matrix(const float* b, Sizes sizes, bool transposed, const float* scale, float* panels) {
  pack_gemm_f32(b, sizes.n, sizes.k, transposed ? 1 : sizes.n, transposed ? sizes.k : 1, scale, panels);
}

void transpose_matrix(const float* from, std::size_t rows, std::size_t columns, float* to) {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) to[c * rows + r] = from[r * columns + c];
  }
}

// Visits every pair of matrices: visit(index of the result, of a, of b).
template <typename Visit>
void for_each_matrix(const Product& p, Visit visit) {
  const Shape a = batch_of(p.a_shape);
  const Shape b = batch_of(p.b_shape);
  const auto y = broadcast(a, b);
  if (!y) return;  // infer has refused it
  const BroadcastWalk walk(*y, {&a, &b});
  walk.for_each([&](std::size_t first, const auto& offsets) {
    for (std::size_t i = 0; i < walk.run_length(); ++i) {
      visit(first + i, offsets[0] + (walk.steps(0) ? i : 0), offsets[1] + (walk.steps(1) ? i : 0));
    }
  });
}

// The right operand's panels, matrix by matrix: packed before, or now into scratch.
class Right {
 public:
  Right(const Product& p, Sizes sizes) : p_(p), sizes_(sizes), scale_(p.alpha == 1 ? 0 : sizes.n, p.alpha) {}

  Status reserve(EvalContext& ctx) {
    if (p_.packed != nullptr) return {};
    NC_TRY(uint8_t* const bytes, ctx.scratch(sizeof(float) * packed_gemm_floats(sizes_.n, sizes_.k)));
    panels_ = reinterpret_cast<float*>(bytes);
    return {};
  }

  const float* panels(std::size_t matrix) {
    if (p_.packed != nullptr) return p_.packed->panels.data() + matrix * packed_gemm_floats(sizes_.n, sizes_.k);
    if (matrix != packed_matrix_) {
      pack_matrix(p_.b->as<float>() + matrix * sizes_.k * sizes_.n, sizes_, p_.transpose_b,
                  scale_.empty() ? nullptr : scale_.data(), panels_);
      packed_matrix_ = matrix;
    }
    return panels_;
  }

 private:
  const Product& p_;
  Sizes sizes_;
  std::vector<float> scale_;
  float* panels_ = nullptr;
  std::size_t packed_matrix_ = SIZE_MAX;
};

template <typename T, typename Wide>
void multiply_matrix(const Product& p, Sizes s, const T* a, const T* b, T* y) {
  for (std::size_t i = 0; i < s.m; ++i) {
    for (std::size_t j = 0; j < s.n; ++j) {
      Wide sum = 0;
      for (std::size_t k = 0; k < s.k; ++k) {
        const T left = p.transpose_a ? a[k * s.m + i] : a[i * s.k + k];
        const T right = p.transpose_b ? b[j * s.k + k] : b[k * s.n + j];
        sum = sum + static_cast<Wide>(left) * static_cast<Wide>(right);
      }
      y[i * s.n + j] = static_cast<T>(sum);
    }
  }
}

// Integers are summed without a sign, where overflow wraps.
template <typename T, typename Wide>
Status multiply_all(const Product& p, Tensor& y) {
  NC_TRY(const Sizes s, sizes_of(p));
  for_each_matrix(p, [&](std::size_t to, std::size_t left, std::size_t right) {
    multiply_matrix<T, Wide>(p, s, p.a->as<T>() + left * s.m * s.k, p.b->as<T>() + right * s.k * s.n,
                             y.writable<T>() + to * s.m * s.n);
  });
  return {};
}

}  // namespace

std::unique_ptr<PackedRight> pack_right(const Tensor& b, const Shape& shape, bool transpose, float alpha,
                                        std::vector<float> bias, const ChannelAffine* affine) {
  auto packed = std::make_unique<PackedRight>();
  packed->k = size_at(shape, transpose ? 1 : 2);
  packed->n = size_at(shape, transpose ? 2 : 1);
  if (affine != nullptr && affine->scale.size() != packed->n) return nullptr;
  packed->batch = static_cast<std::size_t>(element_count(batch_of(shape)));
  const Sizes sizes{0, packed->n, packed->k};
  std::vector<float> scale(packed->n, alpha);
  if (affine != nullptr) {
    bias.resize(packed->n, 0.0F);
    for (std::size_t i = 0; i < packed->n; ++i) {
      scale[i] = alpha * affine->scale[i];
      bias[i] = bias[i] * affine->scale[i] + affine->shift[i];
    }
  }
  packed->bias = std::move(bias);
  const std::size_t floats = packed_gemm_floats(packed->n, packed->k);
  packed->panels.resize(packed->batch * floats);
  const bool scales = affine != nullptr || alpha != 1;
  for (std::size_t i = 0; i < packed->batch; ++i) {
    pack_matrix(b.as<float>() + i * packed->k * packed->n, sizes, transpose, scales ? scale.data() : nullptr,
                packed->panels.data() + i * floats);
  }
  return packed;
}

Status multiply_f32(EvalContext& ctx, const Product& p, const kernels::Epilogue& epilogue, Tensor& y) {
  NC_TRY(const Sizes s, sizes_of(p));
  if (y.count() == 0) return {};
  Right right(p, s);
  NC_CHECK(right.reserve(ctx));
  const float* a = p.a->as<float>();
  auto* const c = y.writable<float>();
  const bool one_right = element_count(batch_of(p.b_shape)) == 1;
  if (one_right && !p.transpose_a) {  // the left matrices' rows follow each other
    gemm_f32(y.count() / s.n, s.n, s.k, a, s.k, right.panels(0), p.bias, c, s.n, epilogue);
    return {};
  }
  float* turned = nullptr;
  if (p.transpose_a) {
    NC_TRY(uint8_t* const bytes, ctx.scratch(sizeof(float) * s.m * s.k));
    turned = reinterpret_cast<float*>(bytes);
  }
  for_each_matrix(p, [&](std::size_t to, std::size_t left, std::size_t of_right) {
    const float* rows = a + left * s.m * s.k;
    if (turned != nullptr) transpose_matrix(rows, s.k, s.m, turned);
    ShiftedEpilogue part(epilogue, to * s.m);
    gemm_f32(s.m, s.n, s.k, turned != nullptr ? turned : rows, s.k, right.panels(of_right), p.bias, c + to * s.m * s.n,
             s.n, part.part());
  });
  return {};
}

Status multiply_exact(const Product& p, Tensor& y) {
  switch (y.dtype) {
    case DType::f64:
      return multiply_all<double, double>(p, y);
    case DType::i32:
      return multiply_all<int32_t, uint32_t>(p, y);
    case DType::u32:
      return multiply_all<uint32_t, uint32_t>(p, y);
    case DType::i64:
      return multiply_all<int64_t, uint64_t>(p, y);
    case DType::u64:
      return multiply_all<uint64_t, uint64_t>(p, y);
    default:
      return fail(ErrorCode::unsupported, "Products of " + std::string(dtype_name(y.dtype)) + " do not run here.");
  }
}

}  // namespace narrowcast::ops

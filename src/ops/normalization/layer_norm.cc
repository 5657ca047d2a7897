#include <algorithm>

#include "kernels/lanes/binary.h"
#include "kernels/normalize/normalize.h"
#include "ops/axes.h"
#include "ops/lane.h"
#include "ops/normalization/normalization_eval.h"
#include "ops/strides.h"

namespace narrowcast::ops {
namespace {

std::unexpected<Error> does_not_run(const EvalContext& ctx, const std::string& what) {
  return fail(ErrorCode::unsupported, ctx.op().type + " of " + what + " does not run here.");
}

bool is_simplified(const RawOp& op) { return op.type.find("Simplified") != std::string::npos || op.type[0] == 'R'; }

// The operand's numbers, one an element of a row; stretched over the row's axes where it has fewer.
Result<const float*> by_element(EvalContext& ctx, std::size_t slot, const Shape& row) {
  if (!ctx.present(slot)) return nullptr;
  const Tensor& values = ctx.operand(slot);
  if (values.dtype != DType::f32) return does_not_run(ctx, std::string(dtype_name(values.dtype)));
  Shape shape = values.shape;
  while (shape.size() > row.size() && shape.front() == 1) shape.erase(shape.begin());
  if (shape == row) return values.as<float>();
  bool fits = shape.size() <= row.size();
  for (std::size_t i = 1; fits && i <= shape.size(); ++i) {
    fits = shape[shape.size() - i] == 1 || shape[shape.size() - i] == row[row.size() - i];
  }
  if (!fits) return does_not_run(ctx, "operand " + std::to_string(slot) + " " + shape_text(values.shape));
  const auto n = static_cast<std::size_t>(element_count(row));
  NC_TRY(uint8_t* const bytes, ctx.scratch(n * sizeof(float)));
  auto* const spread = reinterpret_cast<float*>(bytes);
  const BroadcastWalk walk(row, {&shape});
  walk.for_each([&](std::size_t to, const auto& offsets) {
    for (std::size_t i = 0; i < walk.run_length(); ++i) {
      spread[to + i] = values.as<float>()[offsets[0] + (walk.steps(0) ? i : 0)];
    }
  });
  return spread;
}

Result<float*> statistics(EvalContext& ctx, std::size_t slot) {
  if (!ctx.wanted(slot)) return nullptr;
  NC_TRY(Tensor* const result, ctx.make(slot));
  if (result->dtype != DType::f32) return does_not_run(ctx, "statistics that are not float32");
  return result->writable<float>();
}

void normalize(bool simplified, const float* x, const kernels::RowNorm& p, float* y) {
  if (p.rows == 0 || p.n == 0) return;
  if (simplified) return kernels::rms_norm_f32(x, p, y);
  kernels::layer_norm_f32(x, p, y);
}

float epsilon_of(const RawOp& op) { return op.float_or("epsilon", op.type.starts_with("Skip") ? 1e-12F : 1e-5F); }

// sum = sum + v, v a tensor whose shape ends as the sum's does.
Status add_ending(EvalContext& ctx, std::size_t slot, const Tensor& sum) {
  const Tensor& v = ctx.operand(slot);
  Shape shape = v.shape;
  while (!shape.empty() && shape.size() > 1 && shape.front() == 1) shape.erase(shape.begin());
  const bool fits = v.dtype == DType::f32 && shape.size() <= sum.rank() &&
                    std::equal(shape.rbegin(), shape.rend(), sum.shape.rbegin());
  if (!fits) return does_not_run(ctx, "operand " + std::to_string(slot) + " " + shape_text(v.shape));
  return apply_binary(kernels::BinaryKind::add, sum, v, sum);
}

}  // namespace

Status eval_layer_norm(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  if (x.dtype != DType::f32) return does_not_run(ctx, std::string(dtype_name(x.dtype)));
  NC_TRY(const std::size_t axis, find_axis(ctx.op(), ctx.op().int_or("axis", -1), x.rank()));
  const bool simplified = is_simplified(ctx.op());
  const Shape row(x.shape.begin() + static_cast<std::ptrdiff_t>(axis), x.shape.end());
  kernels::RowNorm p;
  p.n = static_cast<std::size_t>(element_count(row));
  p.rows = x.count() / std::max<std::size_t>(p.n, 1);
  p.epsilon = epsilon_of(ctx.op());
  NC_TRY(p.gamma, by_element(ctx, 1, row));
  if (!simplified) {
    NC_TRY(p.beta, by_element(ctx, 2, row));
    NC_TRY(p.mean, statistics(ctx, 1));
    NC_TRY(p.inv_std, statistics(ctx, 2));
  } else {
    NC_TRY(p.inv_std, statistics(ctx, 1));
  }
  NC_TRY(Tensor* const y, ctx.make_over(0, 0));
  normalize(simplified, x.as<float>(), p, y->writable<float>());
  return {};
}

Status eval_skip_layer_norm(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  if (x.dtype != DType::f32 || x.rank() == 0) return does_not_run(ctx, std::string(dtype_name(x.dtype)));
  const bool simplified = is_simplified(ctx.op());
  const Shape row{x.shape.back()};
  kernels::RowNorm p;
  p.n = static_cast<std::size_t>(x.shape.back());
  p.rows = x.count() / std::max<std::size_t>(p.n, 1);
  p.epsilon = epsilon_of(ctx.op());
  NC_TRY(p.gamma, by_element(ctx, 2, row));
  if (!simplified) {
    NC_TRY(p.beta, by_element(ctx, 3, row));
  }
  NC_TRY(p.mean, simplified ? Result<float*>(nullptr) : statistics(ctx, 1));
  NC_TRY(p.inv_std, statistics(ctx, 2));
  NC_TRY(Tensor* const y, ctx.make(0));
  const Tensor* sum = y;
  if (ctx.wanted(3)) {
    NC_TRY(sum, ctx.make(3));
  }
  std::copy_n(x.as<float>(), x.count(), sum->writable<float>());
  NC_CHECK(add_ending(ctx, 1, *sum));
  const std::size_t bias = simplified ? 3 : 4;
  if (ctx.present(bias)) NC_CHECK(add_ending(ctx, bias, *sum));
  normalize(simplified, sum->as<float>(), p, y->writable<float>());
  return {};
}

}  // namespace narrowcast::ops

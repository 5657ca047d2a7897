#include "ops/binary/binary_eval.h"

#include "ops/binary/binary_table.h"
#include "ops/elements.h"
#include "ops/finish.h"
#include "ops/strides.h"

namespace narrowcast::ops {
namespace {

constexpr int kNumpyBroadcast = 7;

Status divided_by_zero(const RawOp& op) {
  return fail(ErrorCode::malformed, op.type + ": an integer is divided by 0.");
}

// visit(index in y, index in a, index in b) for every element of y.
template <typename Visit>
void for_each_pair(const Tensor& a, const Tensor& b, const Tensor& y, Visit visit) {
  const Shape y_shape = memory_shape(y.shape, y.layout);
  const Shape a_shape = memory_shape(a.shape, a.layout);
  const Shape b_shape = memory_shape(b.shape, b.layout);
  const BroadcastWalk walk(y_shape, {&a_shape, &b_shape});
  walk.for_each([&](std::size_t to, const auto& offsets) {
    for (std::size_t i = 0; i < walk.run_length(); ++i) {
      visit(to + i, offsets[0] + (walk.steps(0) ? i : 0), offsets[1] + (walk.steps(1) ? i : 0));
    }
  });
}

Status apply_reals(const RawOp& op, const PairRow& row, const Tensor& a, const Tensor& b, const Tensor& y) {
  if (row.reals == nullptr) {
    return fail(ErrorCode::unsupported, op.type + " of floats does not run here.");
  }
  for_each_pair(a, b, y, [&](std::size_t to, std::size_t left, std::size_t right) {
    store_real(y, to, row.reals(load_real(a, left), load_real(b, right)));
  });
  return {};
}

Status apply_ints(const RawOp& op, const PairRow& row, const Tensor& a, const Tensor& b, const Tensor& y) {
  const bool by_bits = a.dtype == DType::u64 && row.unsigneds != nullptr;
  const PairOfInts pair = by_bits ? row.unsigneds : row.ints;
  if (pair == nullptr) return fail(ErrorCode::unsupported, op.type + " of integers does not run here.");
  bool certain = true;
  for_each_pair(a, b, y, [&](std::size_t to, std::size_t left, std::size_t right) {
    const auto value = pair(load_int(a, left), load_int(b, right));
    certain = certain && value.has_value();
    store_int(y, to, value.value_or(0));
  });
  return certain ? Status{} : divided_by_zero(op);
}

Status apply(const RawOp& op, const PairRow& row, const Tensor& a, const Tensor& b, const Tensor& y) {
  const bool in_lanes = a.dtype == DType::f32 && b.dtype == DType::f32 && y.dtype == DType::f32;
  if (in_lanes && row.lane) return apply_binary(*row.lane, a, b, y);
  NC_CHECK(check_stretch(a, y));
  NC_CHECK(check_stretch(b, y));
  return is_real(a.dtype) || is_real(b.dtype) ? apply_reals(op, row, a, b, y) : apply_ints(op, row, a, b, y);
}

// The result of a comparison has another type; the others may take an operand's memory when it has their shape.
Result<Tensor*> make_result(EvalContext& ctx) {
  for (std::size_t i = 0; i < std::min<std::size_t>(ctx.operand_count(), 2); ++i) {
    const auto& shape = ctx.inferred(0).shape;
    if (shape && *shape == ctx.operand(i).shape && ctx.inferred(0).dtype == ctx.operand(i).dtype) {
      return ctx.make_over(0, i);
    }
  }
  return ctx.make(0);
}

void divide_all(const Tensor& y, double count) {
  for (std::size_t i = 0; i < y.count(); ++i) {
    if (y.dtype == DType::f32) {
      y.writable<float>()[i] /= static_cast<float>(count);
    } else {
      store_real(y, i, load_real(y, i) / count);
    }
  }
}

Status clamp_result(EvalContext& ctx, const Tensor& y) {
  NC_TRY(const kernels::Clamp own, fused_clamp(ctx.op()));
  if (y.dtype == DType::f32) {
    if (is_open(own)) return {};
    kernels::unary_f32(kernels::UnaryKind::clamp)(y.as<float>(), y.writable<float>(), y.count(), {own.lo, own.hi});
    return {};
  }
  for (std::size_t i = 0; i < y.count() && own.lo > kernels::Clamp{}.lo; ++i) {
    const double value = static_cast<double>(load_int(y, i));
    if (value < static_cast<double>(own.lo)) store_int(y, i, static_cast<int64_t>(own.lo));
    if (value > static_cast<double>(own.hi)) store_int(y, i, static_cast<int64_t>(own.hi));
  }
  return {};
}

bool stretches_the_old_way(const EvalContext& ctx) {
  return ctx.op().domain.empty() && ctx.op().version < kNumpyBroadcast && ctx.operand_count() == 2 &&
         ctx.operand(0).shape != ctx.operand(1).shape;
}

}  // namespace

Status eval_binary(EvalContext& ctx) {
  const PairRow* row = find_pair(ctx.op());
  if (row == nullptr || stretches_the_old_way(ctx)) {
    return fail(ErrorCode::unsupported, ctx.op().type + ": this form of it does not run here.");
  }
  if (ctx.operand_count() == 1) {
    ctx.share(0, ctx.operand(0), ctx.operand(0).shape);
    return {};
  }
  NC_TRY(Tensor* const y, make_result(ctx));
  NC_CHECK(apply(ctx.op(), *row, ctx.operand(0), ctx.operand(1), *y));
  for (std::size_t i = 2; i < ctx.operand_count(); ++i) NC_CHECK(apply(ctx.op(), *row, *y, ctx.operand(i), *y));
  if (ctx.op().type == "Mean") divide_all(*y, static_cast<double>(ctx.operand_count()));
  return clamp_result(ctx, *y);
}

std::optional<ChannelAffine> binary_affine(const AffineQuery& query) {
  const PairRow* row = find_pair(query.op);
  if (row == nullptr || !row->lane || query.constants.size() != 2 || !has_no_activation(query.op)) return std::nullopt;
  const Tensor* constant = query.constants[1 - query.slot];
  if (constant == nullptr) return std::nullopt;
  auto values = by_channel(*constant, query.rank, query.axis, query.channels);
  if (!values) return std::nullopt;
  ChannelAffine affine{std::vector<float>(query.channels, 1.0F), std::vector<float>(query.channels, 0.0F)};
  switch (*row->lane) {
    case kernels::BinaryKind::add:
      affine.shift = std::move(*values);
      return query.op.type == "Mean" ? std::nullopt : std::optional(std::move(affine));
    case kernels::BinaryKind::sub:
      for (std::size_t i = 0; i < query.channels; ++i) {
        affine.scale[i] = query.slot == 0 ? 1.0F : -1.0F;
        affine.shift[i] = query.slot == 0 ? -(*values)[i] : (*values)[i];
      }
      return affine;
    case kernels::BinaryKind::mul:
      affine.scale = std::move(*values);
      return affine;
    case kernels::BinaryKind::div:
      if (query.slot != 0) return std::nullopt;
      for (std::size_t i = 0; i < query.channels; ++i) affine.scale[i] = 1.0F / (*values)[i];
      return affine;
    default:
      return std::nullopt;
  }
}

std::optional<Lane> binary_lane(const LaneQuery& query) {
  const PairRow* row = find_pair(query.op);
  if (row == nullptr || !row->lane || query.operands.size() != 2 || query.op.type == "Mean") return std::nullopt;
  const auto clamp = fused_clamp(query.op);
  if (!clamp) return std::nullopt;
  return Lane{.binary = row->lane, .after = *clamp};
}

}  // namespace narrowcast::ops

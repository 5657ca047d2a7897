#include "ops/unary/unary_eval.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/math/erf.h"
#include "base/math/exp.h"
#include "base/math/hyperbolic.h"
#include "base/math/inverse_trig.h"
#include "base/math/log.h"
#include "base/math/round.h"
#include "base/math/sqrt.h"
#include "base/math/trig.h"
#include "ops/elements.h"

namespace narrowcast::ops {
namespace {

using kernels::UnaryKind;

double magnitude(double x) { return std::bit_cast<double>(std::bit_cast<uint64_t>(x) & ~(uint64_t{1} << 63)); }
double negative(double x) { return -x; }
double round_up(double x) {
  const double nearest = math::round_half_even(x);
  return nearest < x ? nearest + 1 : nearest;
}
double round_down(double x) {
  const double nearest = math::round_half_even(x);
  return nearest > x ? nearest - 1 : nearest;
}
double nearest_even(double x) { return math::round_half_even(x); }
double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
double reciprocal(double x) { return 1 / x; }
double square_root(double x) { return math::sqrt(x); }
double reciprocal_root(double x) { return 1 / math::sqrt(x); }
double square(double x) { return x * x; }

int64_t magnitude_int(int64_t x) { return x < 0 ? static_cast<int64_t>(0 - static_cast<uint64_t>(x)) : x; }
int64_t negative_int(int64_t x) { return static_cast<int64_t>(0 - static_cast<uint64_t>(x)); }
int64_t sign_int(int64_t x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }
int64_t not_int(int64_t x) { return x == 0 ? 1 : 0; }
int64_t flipped(int64_t x) { return ~x; }
int64_t square_int(int64_t x) { return static_cast<int64_t>(static_cast<uint64_t>(x) * static_cast<uint64_t>(x)); }
int64_t same(int64_t x) { return x; }

struct Row {
  std::string_view type;
  std::optional<UnaryKind> lane;
  double (*reals)(double) = nullptr;
  int64_t (*ints)(int64_t) = nullptr;
};
constexpr std::array kRows{
    Row{"Abs", UnaryKind::abs, magnitude, magnitude_int},
    Row{"ABS", UnaryKind::abs, magnitude, magnitude_int},
    Row{"Acos", UnaryKind::acos, math::acos},
    Row{"Acosh", UnaryKind::acosh, math::acosh},
    Row{"Asin", UnaryKind::asin, math::asin},
    Row{"Asinh", UnaryKind::asinh, math::asinh},
    Row{"Atan", UnaryKind::atan, math::atan},
    Row{"Atanh", UnaryKind::atanh, math::atanh},
    Row{"BitwiseNot", {}, nullptr, flipped},
    Row{"Ceil", UnaryKind::ceil, round_up},
    Row{"CEIL", UnaryKind::ceil, round_up},
    Row{"Cos", UnaryKind::cos, math::cos},
    Row{"COS", UnaryKind::cos, math::cos},
    Row{"Cosh", UnaryKind::cosh, math::cosh},
    Row{"Erf", UnaryKind::erf, math::erf},
    Row{"Exp", UnaryKind::exp, math::exp},
    Row{"EXP", UnaryKind::exp, math::exp},
    Row{"Floor", UnaryKind::floor, round_down},
    Row{"FLOOR", UnaryKind::floor, round_down},
    Row{"Log", UnaryKind::log, math::log},
    Row{"LOG", UnaryKind::log, math::log},
    Row{"Neg", UnaryKind::neg, negative, negative_int},
    Row{"NEG", UnaryKind::neg, negative, negative_int},
    Row{"Not", {}, nullptr, not_int},
    Row{"LOGICAL_NOT", {}, nullptr, not_int},
    Row{"Reciprocal", UnaryKind::reciprocal, reciprocal},
    Row{"Round", UnaryKind::round_half_even, nearest_even, same},
    Row{"ROUND", UnaryKind::round_half_even, nearest_even, same},
    Row{"RSQRT", UnaryKind::rsqrt, reciprocal_root},
    Row{"Sign", UnaryKind::sign, sign, sign_int},
    Row{"SIGN", UnaryKind::sign, sign, sign_int},
    Row{"Sin", UnaryKind::sin, math::sin},
    Row{"SIN", UnaryKind::sin, math::sin},
    Row{"Sinh", UnaryKind::sinh, math::sinh},
    Row{"Sqrt", UnaryKind::sqrt, square_root},
    Row{"SQRT", UnaryKind::sqrt, square_root},
    Row{"SQUARE", UnaryKind::square, square, square_int},
    Row{"Tan", UnaryKind::tan, math::tan},
};

const Row* find_row(const RawOp& op) {
  const auto* row = std::ranges::find(kRows, std::string_view(op.type), &Row::type);
  return row == kRows.end() ? nullptr : row;
}

Status does_not_run(const EvalContext& ctx) {
  return fail(ErrorCode::unsupported,
              ctx.op().type + " of " + std::string(dtype_name(ctx.operand(0).dtype)) + " does not run here.");
}

bool is_infinite(double x) { return x == x && x - x != 0; }

// IsInf can be told to look for one sign only.
Status eval_test(EvalContext& ctx) {
  NC_TRY(Tensor* const y, ctx.make(0));
  const bool nan = ctx.op().type == "IsNaN";
  const bool positive = ctx.op().int_or("detect_positive", 1) != 0;
  const bool below = ctx.op().int_or("detect_negative", 1) != 0;
  for (std::size_t i = 0; i < y->count(); ++i) {
    const double x = load_real(ctx.operand(0), i);
    const bool found = nan ? x != x : is_infinite(x) && (x > 0 ? positive : below);
    y->writable<uint8_t>()[i] = found ? 1 : 0;
  }
  return {};
}

// The product of the pivots of Gaussian elimination with row exchange; `m` is n x n and is used up.
double determinant(std::vector<double>& m, std::size_t n) {
  double product = 1;
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < n; ++row) {
      if (magnitude(m[row * n + column]) > magnitude(m[pivot * n + column])) pivot = row;
    }
    if (m[pivot * n + column] == 0) return 0;
    if (pivot != column) {
      std::swap_ranges(&m[pivot * n], &m[pivot * n] + n, &m[column * n]);
      product = -product;
    }
    product *= m[column * n + column];
    for (std::size_t row = column + 1; row < n; ++row) {
      const double factor = m[row * n + column] / m[column * n + column];
      for (std::size_t i = column; i < n; ++i) m[row * n + i] -= factor * m[column * n + i];
    }
  }
  return product;
}

}  // namespace

std::optional<Lane> unary_lane(const LaneQuery& query) {
  const Row* row = find_row(query.op);
  if (row == nullptr || !row->lane) return std::nullopt;
  return Lane{.unary = row->lane};
}

Status eval_unary(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  if (ctx.op().type == "IsInf" || ctx.op().type == "IsNaN") return eval_test(ctx);
  if (ctx.op().type == "ZEROS_LIKE") {
    NC_TRY(Tensor* const y, ctx.make(0));
    std::fill_n(y->writable<uint8_t>(), y->bytes(), uint8_t{0});
    return {};
  }
  const Row* row = find_row(ctx.op());
  if (row == nullptr) return does_not_run(ctx);
  if (x.dtype == DType::f32 && row->lane) return eval_unary_lane(ctx, {.unary = row->lane});
  if (is_real(x.dtype) ? row->reals == nullptr : row->ints == nullptr) return does_not_run(ctx);
  NC_TRY(Tensor* const y, ctx.make(0));
  for (std::size_t i = 0; i < x.count(); ++i) {
    if (is_real(x.dtype)) {
      store_real(*y, i, row->reals(load_real(x, i)));
    } else {
      store_int(*y, i, row->ints(load_int(x, i)));
    }
  }
  return {};
}

Status eval_det(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  NC_TRY(Tensor* const y, ctx.make(0));
  const auto n = static_cast<std::size_t>(x.shape.back());
  if (x.shape[x.rank() - 2] != x.shape.back()) return fail(ErrorCode::malformed, "Det: the matrices are not square.");
  std::vector<double> matrix(n * n);
  for (std::size_t i = 0; i < y->count(); ++i) {
    for (std::size_t k = 0; k < n * n; ++k) matrix[k] = load_real(x, i * n * n + k);
    store_real(*y, i, determinant(matrix, n));
  }
  return {};
}

}  // namespace narrowcast::ops

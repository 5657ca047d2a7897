#include "ops/binary/binary_fold.h"

#include <algorithm>
#include <array>

#include "ops/fold.h"

namespace narrowcast::ops {
namespace {

using Folder = std::optional<int64_t> (*)(int64_t, int64_t);

int64_t wrap(uint64_t value) { return static_cast<int64_t>(value); }
uint64_t bits(int64_t value) { return static_cast<uint64_t>(value); }

std::optional<int64_t> add(int64_t a, int64_t b) { return wrap(bits(a) + bits(b)); }
std::optional<int64_t> subtract(int64_t a, int64_t b) { return wrap(bits(a) - bits(b)); }
std::optional<int64_t> multiply(int64_t a, int64_t b) { return wrap(bits(a) * bits(b)); }
std::optional<int64_t> smaller(int64_t a, int64_t b) { return std::min(a, b); }
std::optional<int64_t> larger(int64_t a, int64_t b) { return std::max(a, b); }
std::optional<int64_t> equal(int64_t a, int64_t b) { return a == b ? 1 : 0; }
std::optional<int64_t> not_equal(int64_t a, int64_t b) { return a != b ? 1 : 0; }
std::optional<int64_t> less(int64_t a, int64_t b) { return a < b ? 1 : 0; }
std::optional<int64_t> less_equal(int64_t a, int64_t b) { return a <= b ? 1 : 0; }
std::optional<int64_t> greater(int64_t a, int64_t b) { return a > b ? 1 : 0; }
std::optional<int64_t> greater_equal(int64_t a, int64_t b) { return a >= b ? 1 : 0; }

// ONNX leaves the rounding of negative quotients to C; runtimes truncate.
std::optional<int64_t> divide(int64_t a, int64_t b) {
  if (b == 0) return std::nullopt;
  return b == -1 ? wrap(0 - bits(a)) : a / b;
}

std::optional<int64_t> floor_divide(int64_t a, int64_t b) {
  if (b == 0) return std::nullopt;
  if (b == -1) return wrap(0 - bits(a));
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

// The sign of the divisor.
std::optional<int64_t> floor_modulo(int64_t a, int64_t b) {
  if (b == 0) return std::nullopt;
  if (b == -1) return 0;
  const int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

struct Row {
  std::string_view type;
  Folder fold;
};
constexpr std::array kRows{
    Row{"Add", add},
    Row{"ADD", add},
    Row{"Sub", subtract},
    Row{"SUB", subtract},
    Row{"Mul", multiply},
    Row{"MUL", multiply},
    Row{"Div", divide},
    Row{"DIV", divide},
    Row{"FLOOR_DIV", floor_divide},
    Row{"FLOOR_MOD", floor_modulo},
    Row{"Min", smaller},
    Row{"MINIMUM", smaller},
    Row{"Max", larger},
    Row{"MAXIMUM", larger},
    Row{"Equal", equal},
    Row{"EQUAL", equal},
    Row{"NOT_EQUAL", not_equal},
    Row{"Less", less},
    Row{"LESS", less},
    Row{"LessOrEqual", less_equal},
    Row{"LESS_EQUAL", less_equal},
    Row{"Greater", greater},
    Row{"GREATER", greater},
    Row{"GreaterOrEqual", greater_equal},
    Row{"GREATER_EQUAL", greater_equal},
};

}  // namespace

void fold_binary(InferContext& ctx) {
  if (ctx.operand_count() != 2 || ctx.ints(0) == nullptr || ctx.ints(1) == nullptr) return;
  const auto* row = std::ranges::find(kRows, std::string_view(ctx.op().type), &Row::type);
  if (row == kRows.end()) return;
  const DType dtype = ctx.results().empty() ? DType::unknown : ctx.results()[0].type.dtype;
  if (auto values = fold_pairs(*ctx.ints(0), *ctx.ints(1), row->fold)) set_folded(ctx, 0, dtype, std::move(*values));
}

}  // namespace narrowcast::ops

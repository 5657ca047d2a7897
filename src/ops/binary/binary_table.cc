#include "ops/binary/binary_table.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/math/pow.h"
#include "base/math/round.h"

namespace narrowcast::ops {
namespace {

using Int = std::optional<int64_t>;
using kernels::BinaryKind;

constexpr int64_t wrap(uint64_t value) { return static_cast<int64_t>(value); }
constexpr uint64_t bits(int64_t value) { return static_cast<uint64_t>(value); }
constexpr bool is_nan(double value) { return value != value; }

Int add(int64_t a, int64_t b) { return wrap(bits(a) + bits(b)); }
Int subtract(int64_t a, int64_t b) { return wrap(bits(a) - bits(b)); }
Int multiply(int64_t a, int64_t b) { return wrap(bits(a) * bits(b)); }
Int squared_difference(int64_t a, int64_t b) { return multiply(*subtract(a, b), *subtract(a, b)); }
Int smaller(int64_t a, int64_t b) { return std::min(a, b); }
Int larger(int64_t a, int64_t b) { return std::max(a, b); }
Int smaller_bits(int64_t a, int64_t b) { return bits(a) < bits(b) ? a : b; }
Int larger_bits(int64_t a, int64_t b) { return bits(a) < bits(b) ? b : a; }
Int equal(int64_t a, int64_t b) { return a == b ? 1 : 0; }
Int not_equal(int64_t a, int64_t b) { return a != b ? 1 : 0; }
Int less(int64_t a, int64_t b) { return a < b ? 1 : 0; }
Int less_equal(int64_t a, int64_t b) { return a <= b ? 1 : 0; }
Int greater(int64_t a, int64_t b) { return a > b ? 1 : 0; }
Int greater_equal(int64_t a, int64_t b) { return a >= b ? 1 : 0; }
Int less_bits(int64_t a, int64_t b) { return bits(a) < bits(b) ? 1 : 0; }
Int less_equal_bits(int64_t a, int64_t b) { return bits(a) <= bits(b) ? 1 : 0; }
Int greater_bits(int64_t a, int64_t b) { return bits(a) > bits(b) ? 1 : 0; }
Int greater_equal_bits(int64_t a, int64_t b) { return bits(a) >= bits(b) ? 1 : 0; }
Int both(int64_t a, int64_t b) { return a & b; }
Int either(int64_t a, int64_t b) { return a | b; }
Int one_of(int64_t a, int64_t b) { return a ^ b; }
Int shift_left(int64_t a, int64_t b) { return bits(b) > 63 ? 0 : wrap(bits(a) << b); }
Int shift_right(int64_t a, int64_t b) { return bits(b) > 63 ? 0 : wrap(bits(a) >> b); }

// ONNX leaves the rounding of negative quotients to C; runtimes truncate.
Int divide(int64_t a, int64_t b) {
  if (b == 0) return std::nullopt;
  return b == -1 ? wrap(0 - bits(a)) : a / b;
}
Int divide_bits(int64_t a, int64_t b) { return b == 0 ? Int() : wrap(bits(a) / bits(b)); }

Int floor_divide(int64_t a, int64_t b) {
  if (b == 0) return std::nullopt;
  if (b == -1) return wrap(0 - bits(a));
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

// The sign of the divisor.
Int floor_modulo(int64_t a, int64_t b) {
  if (b == 0) return std::nullopt;
  if (b == -1) return 0;
  const int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

// The sign of the dividend, as C's %.
Int remainder(int64_t a, int64_t b) {
  if (b == 0) return std::nullopt;
  return b == -1 ? 0 : a % b;
}
Int remainder_bits(int64_t a, int64_t b) { return b == 0 ? Int() : wrap(bits(a) % bits(b)); }

// Through float64, as runtimes do; out of range is the smallest number, as the conversion instruction has it.
Int power(int64_t a, int64_t b) {
  const double result = math::pow(static_cast<double>(a), static_cast<double>(b));
  if (is_nan(result) || result >= 0x1p63 || result < -0x1p63) return INT64_MIN;
  return static_cast<int64_t>(result);
}

double add_reals(double a, double b) { return a + b; }
double subtract_reals(double a, double b) { return a - b; }
double multiply_reals(double a, double b) { return a * b; }
double divide_reals(double a, double b) { return a / b; }
double squared_difference_reals(double a, double b) { return (a - b) * (a - b); }
double smaller_real(double a, double b) { return is_nan(a) || is_nan(b) ? a + b : b < a ? b : a; }
double larger_real(double a, double b) { return is_nan(a) || is_nan(b) ? a + b : a < b ? b : a; }
double equal_reals(double a, double b) { return a == b ? 1 : 0; }
double not_equal_reals(double a, double b) { return a != b ? 1 : 0; }
double less_reals(double a, double b) { return a < b ? 1 : 0; }
double less_equal_reals(double a, double b) { return a <= b ? 1 : 0; }
double greater_reals(double a, double b) { return a > b ? 1 : 0; }
double greater_equal_reals(double a, double b) { return a >= b ? 1 : 0; }
double prelu_real(double a, double b) { return a < 0 ? a * b : a; }

double round_down(double x) {
  const double nearest = math::round_half_even(x);
  return nearest > x ? nearest - 1 : nearest;
}
double floor_divide_reals(double a, double b) { return round_down(a / b); }

// |a| mod |b| exactly: b times powers of two is subtracted, largest first, so that every difference is exact.
double remainder_of_magnitudes(double a, double b) {
  while (a >= b) {
    const auto gap =
        static_cast<int64_t>(std::bit_cast<uint64_t>(a) >> 52) - static_cast<int64_t>(std::bit_cast<uint64_t>(b) >> 52);
    double step = b;
    for (int64_t i = 0; i < gap; ++i) step = step + step;
    if (step > a) step = step / 2;
    a = a - step;
  }
  return a;
}

// The sign of the dividend, as C's fmod.
double remainder_reals(double a, double b) {
  constexpr double kInfinity = std::bit_cast<double>(0x7FF0000000000000U);
  const double dividend = a < 0 ? -a : a;
  const double divisor = b < 0 ? -b : b;
  if (is_nan(a) || is_nan(b) || divisor == 0 || dividend == kInfinity) return kInfinity - kInfinity;
  if (divisor == kInfinity || dividend == 0) return a;
  const double rest = remainder_of_magnitudes(dividend, divisor);
  return std::bit_cast<uint64_t>(a) >> 63 != 0 ? -rest : rest;
}

double floor_modulo_reals(double a, double b) {
  const double rest = remainder_reals(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

constexpr PairRow kAdd{add, nullptr, add_reals, BinaryKind::add};
constexpr PairRow kSubtract{subtract, nullptr, subtract_reals, BinaryKind::sub};
constexpr PairRow kMultiply{multiply, nullptr, multiply_reals, BinaryKind::mul};
constexpr PairRow kDivide{divide, divide_bits, divide_reals, BinaryKind::div};
constexpr PairRow kSmaller{smaller, smaller_bits, smaller_real, BinaryKind::min};
constexpr PairRow kLarger{larger, larger_bits, larger_real, BinaryKind::max};
constexpr PairRow kPower{power, nullptr, math::pow, BinaryKind::pow};
constexpr PairRow kEqual{equal, nullptr, equal_reals, {}, true};
constexpr PairRow kNotEqual{not_equal, nullptr, not_equal_reals, {}, true};
constexpr PairRow kLess{less, less_bits, less_reals, {}, true};
constexpr PairRow kLessEqual{less_equal, less_equal_bits, less_equal_reals, {}, true};
constexpr PairRow kGreater{greater, greater_bits, greater_reals, {}, true};
constexpr PairRow kGreaterEqual{greater_equal, greater_equal_bits, greater_equal_reals, {}, true};
constexpr PairRow kAnd{both, nullptr, nullptr, {}, true};
constexpr PairRow kOr{either, nullptr, nullptr, {}, true};
constexpr PairRow kXor{one_of, nullptr, nullptr, {}, true};
constexpr PairRow kPrelu{nullptr, nullptr, prelu_real, BinaryKind::prelu};
constexpr PairRow kRemainder{remainder, remainder_bits, remainder_reals, {}};
constexpr PairRow kFloorModulo{floor_modulo, remainder_bits, floor_modulo_reals, {}};
constexpr PairRow kShiftLeft{shift_left, nullptr, nullptr, {}};
constexpr PairRow kShiftRight{shift_right, nullptr, nullptr, {}};

struct Named {
  std::string_view type;
  PairRow row;
};
constexpr std::array kRows{
    Named{"Add", kAdd},
    Named{"Sum", kAdd},
    Named{"Mean", kAdd},
    Named{"ADD", kAdd},
    Named{"ADD_N", kAdd},
    Named{"Sub", kSubtract},
    Named{"SUB", kSubtract},
    Named{"Mul", kMultiply},
    Named{"MUL", kMultiply},
    Named{"Div", kDivide},
    Named{"DIV", kDivide},
    Named{"FLOOR_DIV", {floor_divide, divide_bits, floor_divide_reals, {}}},
    Named{"FLOOR_MOD", kFloorModulo},
    Named{"Min", kSmaller},
    Named{"MINIMUM", kSmaller},
    Named{"Max", kLarger},
    Named{"MAXIMUM", kLarger},
    Named{"Pow", kPower},
    Named{"POW", kPower},
    Named{"SQUARED_DIFFERENCE",
          {squared_difference, nullptr, squared_difference_reals, BinaryKind::squared_difference}},
    Named{"Equal", kEqual},
    Named{"EQUAL", kEqual},
    Named{"NOT_EQUAL", kNotEqual},
    Named{"Less", kLess},
    Named{"LESS", kLess},
    Named{"LessOrEqual", kLessEqual},
    Named{"LESS_EQUAL", kLessEqual},
    Named{"Greater", kGreater},
    Named{"GREATER", kGreater},
    Named{"GreaterOrEqual", kGreaterEqual},
    Named{"GREATER_EQUAL", kGreaterEqual},
    Named{"And", kAnd},
    Named{"LOGICAL_AND", kAnd},
    Named{"Or", kOr},
    Named{"LOGICAL_OR", kOr},
    Named{"Xor", kXor},
    Named{"BitwiseAnd", {both, nullptr, nullptr, {}}},
    Named{"BitwiseOr", {either, nullptr, nullptr, {}}},
    Named{"BitwiseXor", {one_of, nullptr, nullptr, {}}},
    Named{"PRelu", kPrelu},
    Named{"PRELU", kPrelu},
};

}  // namespace

const PairRow* find_pair(const RawOp& op) {
  if (op.type == "Mod") return op.int_or("fmod", 0) != 0 ? &kRemainder : &kFloorModulo;
  if (op.type == "BitShift") return op.string_or("direction", "LEFT") == "LEFT" ? &kShiftLeft : &kShiftRight;
  const auto* named = std::ranges::find(kRows, std::string_view(op.type), &Named::type);
  return named == kRows.end() ? nullptr : &named->row;
}

}  // namespace narrowcast::ops

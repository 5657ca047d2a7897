// Einsum's equations.
#pragma once

#include <map>
#include <optional>

#include "ops/op.h"

namespace narrowcast::ops {

// Axes by name: letters by their character, the axes of an ellipsis by numbers from kEllipsis on, the last one first.
using Label = int;
inline constexpr Label kEllipsis = 1000;

struct Equation {
  std::vector<std::vector<Label>> operands;  // a label an axis
  std::vector<Label> result;
  std::map<Label, int64_t> sizes;  // an axis of size 1 stretches; unknown where the operands do not tell
};

// Spaces are skipped. Without "->": the ellipsis, then the letters that occur once, in the order of their characters.
// Errors: malformed, when the equation does not fit the shapes, or leaves the ellipsis out of the result.
Result<Equation> read_equation(std::string_view text, const std::vector<Shape>& shapes);

}  // namespace narrowcast::ops

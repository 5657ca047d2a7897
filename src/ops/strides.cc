#include "ops/strides.h"

#include <ranges>

namespace narrowcast::ops {
namespace {

struct Axis {
  std::size_t size = 1;
  std::array<std::size_t, kMaxWalked> strides{};
};

// The axes of the result, outermost first, with every operand's stride: 0 where it is repeated.
std::vector<Axis> axes_of(const Shape& result, std::initializer_list<const Shape*> operands) {
  std::vector<Axis> axes(result.size());
  for (std::size_t i = 0; i < result.size(); ++i) axes[i].size = static_cast<std::size_t>(result[i]);
  std::size_t slot = 0;
  for (const Shape* shape : operands) {
    std::size_t stride = 1;
    for (std::size_t i = 1; i <= shape->size(); ++i) {
      const auto size = static_cast<std::size_t>((*shape)[shape->size() - i]);
      axes[result.size() - i].strides[slot] = size == 1 ? 0 : stride;
      stride *= size;
    }
    ++slot;
  }
  return axes;
}

// Whether `outer` goes on where `inner` ends, for every operand.
bool continues(const Axis& outer, const Axis& inner, std::size_t operands) {
  for (std::size_t i = 0; i < operands; ++i) {
    if (outer.strides[i] != inner.strides[i] * inner.size) return false;
  }
  return true;
}

}  // namespace

BroadcastWalk::BroadcastWalk(const Shape& result, std::initializer_list<const Shape*> operands)
    : operand_count_(operands.size()) {
  std::vector<Axis> merged;  // innermost first
  const std::vector<Axis> axes = axes_of(result, operands);
  for (const Axis& axis : std::views::reverse(axes)) {
    if (axis.size == 1) continue;
    if (!merged.empty() && continues(axis, merged.back(), operand_count_)) {
      merged.back().size *= axis.size;
    } else {
      merged.push_back(axis);
    }
  }
  if (merged.empty()) return;
  run_ = merged[0].size;
  inner_ = merged[0].strides;
  for (std::size_t i = merged.size() - 1; i > 0; --i) {
    sizes_.push_back(merged[i].size);
    strides_.push_back(merged[i].strides);
    runs_ *= merged[i].size;
  }
  if (run_ == 0) runs_ = 0;
}

}  // namespace narrowcast::ops

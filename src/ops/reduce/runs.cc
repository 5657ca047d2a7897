#include "ops/reduce/runs.h"

#include <algorithm>

#include "ops/box.h"

namespace narrowcast::ops {
namespace {

using kernels::ReduceKind;

// What joins the results of the first step.
ReduceKind next_kind(ReduceKind first) {
  return first == ReduceKind::sum_abs || first == ReduceKind::sum_square ? ReduceKind::sum : first;
}

}  // namespace

std::vector<ReduceStep> reduce_steps(const Shape& sizes, const std::vector<bool>& reduced) {
  std::vector<ReduceStep> steps;
  std::size_t inner = 1;  // of the axes that stay
  for (std::size_t i = sizes.size(); i > 0;) {
    std::size_t run = 1;
    const bool is_reduced = reduced[i - 1];
    for (; i > 0 && reduced[i - 1] == is_reduced; --i) run *= static_cast<std::size_t>(sizes[i - 1]);
    if (!is_reduced) {
      inner *= run;
      continue;
    }
    std::size_t outer = 1;
    for (std::size_t k = 0; k < i; ++k) outer *= static_cast<std::size_t>(sizes[k]);
    steps.push_back({outer, run, inner});
  }
  if (steps.empty()) steps.push_back({1, 1, inner});
  return steps;
}

Status reduce_in_steps(EvalContext& ctx, const std::vector<ReduceStep>& steps, ReduceKind kind, const float* x,
                       float* y) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    float* to = y;
    if (i + 1 < steps.size()) {
      NC_TRY(uint8_t* const bytes, ctx.scratch(steps[i].results() * sizeof(float)));
      to = reinterpret_cast<float*>(bytes);
    }
    kernels::reduce_f32(kind)(x, steps[i].outer, steps[i].n, steps[i].inner, to);
    x = to;
    kind = next_kind(kind);
  }
  return {};
}

Status ReducedResult::make(EvalContext& ctx, const std::vector<bool>& reduced, bool keeps_axes) {
  const Tensor& x = ctx.operand(0);
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  Layout layout = keeps_axes && shape.size() >= 3 ? x.layout : Layout::plain;
  if (!keeps_axes && x.layout == Layout::channels_last) {
    std::vector<std::size_t> sorted;
    for (std::size_t axis = 0; axis < x.rank(); ++axis) {
      if (!reduced[axis]) sorted.push_back(axis);
    }
    kept_ = sorted;
    std::ranges::sort(kept_, {}, [&](std::size_t axis) { return memory_axis(axis, x.rank(), x.layout); });
    std::vector<std::size_t> last = sorted;
    if (last.size() >= 3) std::rotate(last.begin() + 1, last.begin() + 2, last.end());
    if (last == kept_ && last.size() >= 3) layout = Layout::channels_last;
    if (kept_ == sorted || layout == Layout::channels_last) kept_.clear();
  }
  NC_TRY(y_, ctx.make(0, ctx.inferred(0).dtype, shape, layout));
  data_ = y_->writable<uint8_t>();
  if (!kept_.empty()) {
    NC_TRY(data_, ctx.scratch(y_->bytes()));
  }
  return {};
}

void ReducedResult::finish() const {
  if (kept_.empty()) return;
  std::vector<std::size_t> sorted = kept_;
  std::ranges::sort(sorted);
  const std::vector<int64_t> to = strides_of(y_->shape, Layout::plain);
  std::vector<BoxAxis> box(kept_.size());
  int64_t from = 1;
  for (std::size_t i = kept_.size(); i-- > 0;) {
    const auto axis = static_cast<std::size_t>(std::ranges::find(sorted, kept_[i]) - sorted.begin());
    box[i] = {static_cast<std::size_t>(y_->shape[axis]), from, to[axis]};
    from *= y_->shape[axis];
  }
  copy_box(dtype_bits(y_->dtype) / 8, std::move(box), data_, y_->writable<uint8_t>());
}

}  // namespace narrowcast::ops

// The sliding windows of pools, axis by axis.
#pragma once

#include "kernels/pool/pool.h"
#include "ops/eval.h"

namespace narrowcast::ops {

// One a spatial axis of an ONNX pool. Errors: malformed, when the window does not fit; unsupported, for negative
// paddings and sizes beyond 31 bits.
Result<std::vector<kernels::PoolAxis>> read_pool_axes(const EvalContext& ctx, const Shape& result);
// Of a TFLite pool, height and width. Errors: as above.
Result<kernels::Pool2d> read_pool_2d(const EvalContext& ctx, const Shape& result);
// Errors: unsupported, when a window of some output lies in the padding as a whole.
Status check_taps(const EvalContext& ctx, const std::vector<kernels::PoolAxis>& axes);

// Calls visit(offset in x) for the taps of one output that exist, row by row. `strides` of x by spatial axis.
template <typename Visit>
void for_each_tap(const std::vector<kernels::PoolAxis>& axes, const std::vector<std::size_t>& out,
                  const std::vector<std::size_t>& strides, Visit visit) {
  const std::size_t rank = axes.size();
  std::vector<kernels::PoolAxis::Taps> taps(rank);
  std::vector<std::size_t> tap(rank);
  std::size_t offset = 0;
  for (std::size_t i = 0; i < rank; ++i) {
    taps[i] = axes[i].taps(out[i], 0, 0);
    if (taps[i].count() == 0) return;
    tap[i] = taps[i].first;
    offset += axes[i].at(out[i], tap[i]) * strides[i];
  }
  for (;;) {
    visit(offset);
    std::size_t i = rank;
    for (; i > 0; --i) {
      const std::size_t step = axes[i - 1].dilation * strides[i - 1];
      offset += step;
      if (++tap[i - 1] < taps[i - 1].last) break;
      offset -= step * taps[i - 1].count();
      tap[i - 1] = taps[i - 1].first;
    }
    if (i == 0) return;
  }
}

}  // namespace narrowcast::ops

// Pools of any number of spatial axes in a plain loop: for what the image kernels do not take.
#pragma once

#include "ops/pool/pool_window.h"

namespace narrowcast::ops {

// x, y [N, C, spatial...] in either order of axes. The largest of each window, of equal ones the first; NaN is left
// out unless it comes first. `indices` (int64, as y lies) or null: flat in x's shape, with `column_major` in that of
// its spatial axes reversed. T: float, double, int8_t, uint8_t.
template <typename T>
void max_pool_nd(const Tensor& x, const std::vector<kernels::PoolAxis>& axes, bool column_major, const Tensor& y,
                 int64_t* indices);
// The mean of the taps that exist, or with `count_pads` over all in the padded image.
void average_pool_nd(const Tensor& x, const std::vector<kernels::PoolAxis>& axes, bool count_pads, const Tensor& y);
// (sum |x|^p)^(1/p).
void lp_pool_nd(const Tensor& x, const std::vector<kernels::PoolAxis>& axes, int64_t p, const Tensor& y);

// The same power mean's root of one number and its term.
double lp_term(double x, int64_t p);
double lp_root(double sum, int64_t p);

}  // namespace narrowcast::ops

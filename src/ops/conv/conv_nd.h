// Convolutions of any number of spatial axes, planar, in a plain loop: for what the image kernels do not take.
#pragma once

#include "ops/eval.h"
#include "ops/window.h"

namespace narrowcast::ops {

// x [N, C, spatial...], w [M, C / groups, kernel...], bias of M elements or null; T is float, double, or uint32_t,
// which wraps. The sum of an output runs over the group's channels, then the kernel, ascending, from the bias on.
template <typename T>
void conv_nd(const Tensor& x, const Tensor& w, const T* bias, const Window& window, std::size_t groups, Tensor& y);

}  // namespace narrowcast::ops

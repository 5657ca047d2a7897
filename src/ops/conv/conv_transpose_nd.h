// Transposed convolutions of any number of spatial axes, planar, in a plain loop: for what the image kernel does not
// take.
#pragma once

#include "ops/eval.h"
#include "ops/window.h"

namespace narrowcast::ops {

// x [N, C, spatial...], w [C, M / groups, kernel...], bias of M elements or null; T is float or double. Each input
// element, in order, adds its products to the outputs that its window covers.
template <typename T>
void conv_transpose_nd(const Tensor& x, const Tensor& w, const T* bias, const Window& window, std::size_t groups,
                       Tensor& y);

}  // namespace narrowcast::ops

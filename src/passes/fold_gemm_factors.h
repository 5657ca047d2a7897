// Edit: the factors of a Gemm go into its constants, since integer kernels know none.
//   Before: y = alpha * a b + beta * c,  b and c float32 constants
//   After:  y = a b' + c',  b' = alpha * b, c' = beta * c
// Where c is no constant, beta must be 1.
#pragma once

#include "ir/edit_log.h"

namespace narrowcast {

// Returns how many nodes changed.
std::size_t fold_gemm_factors(EditLog& log, const Files& files);

}  // namespace narrowcast

// Edit: factors and shifts by channel behind a convolution or product go into its weights and bias.
//   Before: y = affine(op(x, w, b)), affine a BatchNormalization, Mul, Add... of constants
//   After:  y = op(x, w', b'),  w'[c] = w[c] * scale[c],  b'[c] = b[c] * scale[c] + shift[c]
// where nothing else reads what op makes, and w and b are float32 constants.
#pragma once

#include "base/result.h"
#include "ir/edit_log.h"

namespace narrowcast {

// Returns how many nodes went. Errors: malformed, when shapes contradict each other.
Result<std::size_t> fold_affine_into_weights(EditLog& log, const Files& files);

}  // namespace narrowcast

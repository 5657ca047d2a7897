// Indices that come as data: checked before anything is read or written with them.
#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// The places of an integer operand along an axis of `size` entries. Below zero they count from the end; not in TFLite.
// Errors: malformed, when one lies outside.
Result<std::vector<std::size_t>> read_places(const EvalContext& ctx, std::size_t slot, std::size_t size);

// Rows of `depth` indices, each addressing the leading `depth` axes of `sizes`: their places in row-major order.
// Errors: as above.
Result<std::vector<std::size_t>> read_nd_places(const EvalContext& ctx, std::size_t slot,
                                                std::span<const int64_t> sizes);

// For every entry of `shape`, in order, the element of `whole` with the same place, but 0 along `axis`. No size of
// `shape` exceeds that of `whole`, save along the axis.
std::vector<std::size_t> elements_along(const Shape& whole, const Shape& shape, std::size_t axis);

// Product of sizes that are known.
std::size_t count_of(std::span<const int64_t> sizes);

}  // namespace narrowcast::ops

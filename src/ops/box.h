// Elements of one tensor seen as an array of other axes, and the copy between two such arrays: what slices, splits,
// permutations, repetitions and reversals have in common.
#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// One axis of a copy: how many entries, and how far apart they lie on either side, in elements. `from` is 0 where an
// entry is repeated and below zero where the axis is turned round.
struct BoxAxis {
  std::size_t size = 1;
  int64_t from = 0;
  int64_t to = 0;
};

// Copies elements of `width` bytes: 1, 2, 4, 8 or 16. The pointers are those of the first element of the box.
void copy_box(unsigned width, std::vector<BoxAxis> box, const uint8_t* from, uint8_t* to);

// Distance of neighbours along every axis of the shape, in elements, for a tensor that lies so.
std::vector<int64_t> strides_of(const Shape& shape, Layout layout);

// The result is elements of `x`: entry (i, j, ...) of its inferred shape is element first + i * strides[0] + ...
// All of them lie within x. No copy where they follow each other in either order of axes, else they are copied into
// `layout`.
// Errors: malformed, when the result's shape does not follow; unsupported, for elements that share bytes.
Status take_view(EvalContext& ctx, std::size_t slot, const Tensor& x, int64_t first, std::span<const int64_t> strides,
                 Layout layout);

// The same without a copy; false when that does not do.
Result<bool> share_view(EvalContext& ctx, std::size_t slot, const Tensor& x, int64_t first,
                        std::span<const int64_t> strides);

// The shape inferred for a result. Errors: malformed, when the operands do not tell it.
Result<Shape> result_shape(const EvalContext& ctx, std::size_t slot);
// Bytes of an element. Errors: unsupported, for elements that share bytes or have no fixed width.
Result<unsigned> element_width(const RawOp& op, DType dtype);
// `count` times the same element.
void fill_elements(unsigned width, const uint8_t* element, std::size_t count, uint8_t* to);

}  // namespace narrowcast::ops

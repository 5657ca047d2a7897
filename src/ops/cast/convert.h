// Elements of one type as elements of another: what Cast means, as onnxruntime does it on x86.
//
//   float to integer   towards zero; NaN, infinities and what is out of range give the smallest int32 or int64. 8 and
//   16
//                      bits are the low bits of that int32; uint32 and uint64 are halves of a signed range each.
//   float to int4      half away from zero, then the low bits
//   integer to smaller the low bits
//   to bool            whether it is not zero; NaN is not
//   to float           nearest, ties to even; float16 and float8 of a float64 through float32
#pragma once

#include "ops/tensor.h"

namespace narrowcast::ops {

[[nodiscard]] bool converts(DType dtype);

// `to` has the elements of `from`, as many and in the same order in memory. saturates: how float8 takes what is too
// large, as its largest value or as NaN (or infinity, where it has one).
void convert_elements(const Tensor& from, const Tensor& to, bool saturates);

}  // namespace narrowcast::ops

#include "ops/onnx_type.h"

#include <algorithm>
#include <array>

namespace narrowcast::ops {
namespace {

constexpr std::array kTypes{DType::unknown,     DType::f32,  DType::u8,        DType::i8,          DType::u16,
                            DType::i16,         DType::i32,  DType::i64,       DType::string,      DType::boolean,
                            DType::f16,         DType::f64,  DType::u32,       DType::u64,         DType::c64,
                            DType::c128,        DType::bf16, DType::f8_e4m3fn, DType::f8_e4m3fnuz, DType::f8_e5m2,
                            DType::f8_e5m2fnuz, DType::u4,   DType::i4,        DType::f4_e2m1};

}  // namespace

DType dtype_of_onnx_number(int64_t number) {
  const bool known = number >= 0 && number < static_cast<int64_t>(kTypes.size());
  return known ? kTypes[static_cast<std::size_t>(number)] : DType::other;
}

int64_t onnx_number_of_dtype(DType dtype) {
  const auto found = std::ranges::find(kTypes, dtype);
  return found == kTypes.end() ? 0 : found - kTypes.begin();
}

}  // namespace narrowcast::ops

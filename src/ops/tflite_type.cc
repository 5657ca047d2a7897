#include "ops/tflite_type.h"

#include <array>

namespace narrowcast::ops {
namespace {

constexpr std::array kTypes{DType::f32,     DType::f16,   DType::i32,   DType::u8,        DType::i64,    DType::string,
                            DType::boolean, DType::i16,   DType::c64,   DType::i8,        DType::f64,    DType::c128,
                            DType::u64,     DType::other, DType::other, DType::u32,       DType::u16,    DType::i4,
                            DType::bf16,    DType::i2,    DType::u4,    DType::f8_e4m3fn, DType::f8_e5m2};

}  // namespace

DType dtype_of_tflite_number(int64_t number) {
  const bool known = number >= 0 && number < static_cast<int64_t>(kTypes.size());
  return known ? kTypes[static_cast<std::size_t>(number)] : DType::other;
}

}  // namespace narrowcast::ops

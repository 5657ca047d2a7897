// One element of a tensor at a time, as a wide number: for types and ops that are not hot.
#pragma once

#include <type_traits>

#include "base/half.h"
#include "ops/tensor.h"

namespace narrowcast::ops {

inline bool is_real(DType dtype) {
  return dtype == DType::f32 || dtype == DType::f64 || dtype == DType::f16 || dtype == DType::bf16;
}

// Calls visit(T{}) with the C++ type of an integer or boolean dtype. False for other dtypes.
template <typename Visit>
bool visit_int(DType dtype, Visit visit) {
  switch (dtype) {
    case DType::i8:
      visit(int8_t{});
      return true;
    case DType::i16:
      visit(int16_t{});
      return true;
    case DType::i32:
      visit(int32_t{});
      return true;
    case DType::i64:
      visit(int64_t{});
      return true;
    case DType::boolean:
    case DType::u8:
      visit(uint8_t{});
      return true;
    case DType::u16:
      visit(uint16_t{});
      return true;
    case DType::u32:
      visit(uint32_t{});
      return true;
    case DType::u64:
      visit(uint64_t{});
      return true;
    default:
      return false;
  }
}

// The same with float32 and float64.
template <typename Visit>
bool visit_number(DType dtype, Visit visit) {
  if (dtype == DType::f32) {
    visit(float{});
    return true;
  }
  if (dtype == DType::f64) {
    visit(double{});
    return true;
  }
  return visit_int(dtype, visit);
}

// False for integers.
template <typename T>
bool is_nan(T value) {
  if constexpr (std::is_floating_point_v<T>) return __builtin_isnan(value);
  return false;
}

template <typename T>
int64_t widened(const Tensor& tensor, std::size_t i) {
  return static_cast<int64_t>(tensor.as<T>()[i]);
}

// Integers and booleans; uint64 as its bits.
inline int64_t load_int(const Tensor& tensor, std::size_t i) {
  int64_t value = 0;
  visit_int(tensor.dtype, [&](auto zero) { value = widened<decltype(zero)>(tensor, i); });
  return value;
}

// What does not fit loses its upper bits.
inline void store_int(const Tensor& tensor, std::size_t i, int64_t value) {
  visit_int(tensor.dtype,
            [&](auto zero) { tensor.writable<decltype(zero)>()[i] = static_cast<decltype(zero)>(value); });
}

// Any number.
inline double load_real(const Tensor& tensor, std::size_t i) {
  switch (tensor.dtype) {
    case DType::f32:
      return static_cast<double>(tensor.as<float>()[i]);
    case DType::f64:
      return tensor.as<double>()[i];
    case DType::f16:
      return static_cast<double>(f16_to_f32(tensor.as<uint16_t>()[i]));
    case DType::bf16:
      return static_cast<double>(bf16_to_f32(tensor.as<uint16_t>()[i]));
    case DType::u64:
      return static_cast<double>(tensor.as<uint64_t>()[i]);
    default:
      return static_cast<double>(load_int(tensor, i));
  }
}

// Integers: the fraction is cut; NaN and what is out of range becomes the smallest int64, as x86 converts.
inline int64_t cut(double value) {
  if (!(value < 0x1p63) || value < -0x1p63) return INT64_MIN;
  return static_cast<int64_t>(value);
}

inline void store_real(const Tensor& tensor, std::size_t i, double value) {
  switch (tensor.dtype) {
    case DType::f32:
      tensor.writable<float>()[i] = static_cast<float>(value);
      break;
    case DType::f64:
      tensor.writable<double>()[i] = value;
      break;
    case DType::f16:
      tensor.writable<uint16_t>()[i] = f32_to_f16(static_cast<float>(value));
      break;
    case DType::bf16:
      tensor.writable<uint16_t>()[i] = f32_to_bf16(static_cast<float>(value));
      break;
    default:
      store_int(tensor, i, cut(value));
  }
}

}  // namespace narrowcast::ops

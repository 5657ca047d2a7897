// What the tests of the float kernels share: buffers off every alignment with nothing behind them, comparison where
// any NaN equals any other, and a watch over `finish`.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/epilogue.h"
#include "kernels/test_util.h"

namespace narrowcast::kernels::test {

// n floats, 4 bytes after a 16-byte boundary and ending with the allocation, so that ASan sees the first float beyond.
class Floats {
 public:
  explicit Floats(std::size_t n, float fill = 0) : values_(n + 1, fill) {}
  explicit Floats(const std::vector<float>& values) : values_(values) { values_.insert(values_.begin(), 0.0f); }
  float* data() { return values_.data() + 1; }
  std::size_t size() const { return values_.size() - 1; }
  std::vector<float> values() const { return {values_.begin() + 1, values_.end()}; }

 private:
  std::vector<float> values_;
};

inline std::vector<uint32_t> bits_one_nan(std::vector<float> values) {
  for (float& value : values) {
    if (std::isnan(value)) value = std::numeric_limits<float>::quiet_NaN();
  }
  return bits(values);
}

// max |y - wanted| / max |wanted|
inline double relative_error(const std::vector<float>& y, const std::vector<double>& wanted) {
  double error = 0, largest = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    error = std::max(error, std::abs(static_cast<double>(y[i]) - wanted[i]));
    largest = std::max(largest, std::abs(wanted[i]));
  }
  return largest == 0 ? error : error / largest;
}

// An epilogue whose `finish` doubles each value and notes the blocks it was given.
struct Watch {
  std::size_t columns;
  std::size_t stride;
  std::size_t next = 0;  // the row that has to come
  bool ascending = true;
  const float* base;

  Watch(const float* y, std::size_t column_count, std::size_t row_stride)
      : columns(column_count), stride(row_stride), base(y) {}
  Epilogue epilogue(Clamp clamp = {}) { return {clamp, finish, this}; }

  static void finish(void* context, float* rows, std::size_t first_row, std::size_t row_count) {
    auto& watch = *static_cast<Watch*>(context);
    watch.ascending = watch.ascending && first_row == watch.next && row_count > 0;
    watch.ascending = watch.ascending && rows == watch.base + first_row * watch.stride;
    watch.next = first_row + row_count;
    for (std::size_t row = 0; row < row_count; ++row) {
      for (std::size_t i = 0; i < watch.columns; ++i) rows[row * watch.stride + i] *= 2;
    }
  }
};

}  // namespace narrowcast::kernels::test

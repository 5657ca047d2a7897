#include "ops/sizes.h"

namespace narrowcast::ops {

int64_t add_sizes(int64_t a, int64_t b) {
  int64_t sum = 0;
  return a < 0 || b < 0 || __builtin_add_overflow(a, b, &sum) ? kUnknownDim : sum;
}

int64_t multiply_sizes(int64_t a, int64_t b) {
  int64_t product = 0;
  return a < 0 || b < 0 || __builtin_mul_overflow(a, b, &product) ? kUnknownDim : product;
}

int64_t multiply_sizes(std::span<const int64_t> sizes) {
  int64_t product = 1;
  for (const int64_t size : sizes) product = multiply_sizes(product, size);
  return product;
}

int64_t divide_sizes(int64_t a, int64_t b) { return a < 0 || b <= 0 ? kUnknownDim : a / b; }

}  // namespace narrowcast::ops

#include "kernels/elements.h"
#include "kernels/simd.h"
#include "kernels/sqnr/sqnr.h"

namespace narrowcast::kernels {
namespace {

using namespace simd;

constexpr std::size_t kBlock = 1024;  // elements; the second pass over it finds both inputs in the first-level cache

struct Pair {
  V signal, noise;
};

void observe(V x, V y, Pair& sum) {
  const V value = f64x2_promote_low_f32x4(x);
  const V error = f64x2_sub(value, f64x2_promote_low_f32x4(y));
  sum.signal = f64x2_add(sum.signal, f64x2_mul(value, value));
  sum.noise = f64x2_add(sum.noise, f64x2_mul(error, error));
}

// Lanes `lane`..lane + 3 of n elements, a multiple of 16. All sixteen at once would need more registers than there are.
void four_lanes(const void* x, const void* y, std::size_t n, std::size_t lane, SqnrSums& sums) {
  Pair low{load(&sums.signal[lane]), load(&sums.noise[lane])};
  Pair high{load(&sums.signal[lane + 2]), load(&sums.noise[lane + 2])};
  for (std::size_t i = lane; i < n; i += 16) {
    const V from = load(element_f32(x, i));
    const V to = load(element_f32(y, i));
    observe(from, to, low);
    observe(i64x2_shuffle<1, 1>(from, from), i64x2_shuffle<1, 1>(to, to), high);
  }
  store(&sums.signal[lane], low.signal);
  store(&sums.noise[lane], low.noise);
  store(&sums.signal[lane + 2], high.signal);
  store(&sums.noise[lane + 2], high.noise);
}

}  // namespace

void accumulate_sqnr__simd(const void* x, const void* y, std::size_t n, SqnrSums& sums) {
  std::size_t i = 0;
  while (n - i >= 16) {
    const std::size_t count = n - i < kBlock ? (n - i) / 16 * 16 : kBlock;
    for (std::size_t lane = 0; lane < 16; lane += 4) {
      four_lanes(element_f32(x, i), element_f32(y, i), count, lane, sums);
    }
    i += count;
  }
  accumulate_sqnr__ref(element_f32(x, i), element_f32(y, i), n - i, sums);
}

}  // namespace narrowcast::kernels

#include "kernels/elements.h"
#include "kernels/min_max/min_max.h"
#include "kernels/simd.h"

namespace narrowcast::kernels {
namespace {

using namespace simd;

constexpr float kInf = std::numeric_limits<float>::infinity();

// pmin(acc, x) and pmax(acc, x) keep acc when x is NaN, so NaN only needs remembering.
struct Lanes {
  V min = f32x4_splat(kInf);
  V max = f32x4_splat(-kInf);
  V nan = i32x4_splat(0);

  void observe(V x) {
    min = f32x4_pmin(min, x);
    max = f32x4_pmax(max, x);
    nan = v_or(nan, f32x4_ne(x, x));
  }
  void join(const Lanes& other) {
    min = f32x4_pmin(min, other.min);
    max = f32x4_pmax(max, other.max);
    nan = v_or(nan, other.nan);
  }
};

struct Extremes {
  float min = kInf;
  float max = -kInf;
  bool nan = false;

  void observe(float x) {
    min = x < min ? x : min;
    max = x > max ? x : max;
    nan |= x != x;
  }
};

float smaller(float a, float b) { return b < a ? b : a; }
float larger(float a, float b) { return a < b ? b : a; }

Extremes across(const Lanes& lanes) {
  const V min = f32x4_pmin(lanes.min, i32x4_shuffle<2, 3, 0, 1>(lanes.min, lanes.min));
  const V max = f32x4_pmax(lanes.max, i32x4_shuffle<2, 3, 0, 1>(lanes.max, lanes.max));
  return {smaller(f32x4_lane<0>(min), f32x4_lane<1>(min)), larger(f32x4_lane<0>(max), f32x4_lane<1>(max)),
          any_true(lanes.nan)};
}

Extremes scan(const void* x, std::size_t n) {
  if (n < 4) {
    Extremes found;
    for (std::size_t i = 0; i < n; ++i) found.observe(load_f32(x, i));
    return found;
  }
  Lanes a;
  std::size_t i = 0;
  if (n >= 16) {  // four chains, or the latency of pmin is the limit
    Lanes b, c, d;
    for (; i + 16 <= n; i += 16) {
      a.observe(load(element_f32(x, i)));
      b.observe(load(element_f32(x, i + 4)));
      c.observe(load(element_f32(x, i + 8)));
      d.observe(load(element_f32(x, i + 12)));
    }
    c.join(d);
    a.join(b);
    a.join(c);
  }
  for (; i + 4 <= n; i += 4) a.observe(load(element_f32(x, i)));
  if (i < n) a.observe(load(element_f32(x, n - 4)));  // values seen twice change nothing
  return across(a);
}

// The slow path: only data that holds NaN or infinities is read twice.
void count_non_finite(const void* x, std::size_t n, NonFinite& counts) {
  for (std::size_t i = 0; i < n; ++i) {
    const float value = load_f32(x, i);
    counts.nan_count += value != value ? 1 : 0;
    counts.inf_count += value == kInf || value == -kInf ? 1 : 0;
  }
}

bool holds_inf(float min, float max) { return min == -kInf || max == kInf; }

// Columns one by one.
bool scan_columns_scalar(const void* x, std::size_t rows, std::size_t width, std::size_t stride, float* mins,
                         float* maxs) {
  bool nan = false;
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < width; ++column) {
      const float value = load_f32(x, row * stride + column);
      mins[column] = value < mins[column] ? value : mins[column];
      maxs[column] = value > maxs[column] ? value : maxs[column];
      nan |= value != value;
    }
  }
  return nan;
}

// Four columns of up to four rows, for one load and store of their extremes.
void scan_tile(const uint8_t* x, std::size_t rows, std::size_t stride, float* mins, float* maxs, V& nan) {
  Lanes lanes{load(mins), load(maxs), nan};
  if (rows == 4) {
    lanes.observe(load(x));
    lanes.observe(load(element_f32(x, stride)));
    lanes.observe(load(element_f32(x, 2 * stride)));
    lanes.observe(load(element_f32(x, 3 * stride)));
  } else {
    for (std::size_t row = 0; row < rows; ++row) lanes.observe(load(element_f32(x, row * stride)));
  }
  store(mins, lanes.min);
  store(maxs, lanes.max);
  nan = lanes.nan;
}

// Widens mins and maxs by the values of all columns; true when there was a NaN.
bool scan_columns(const void* x, std::size_t rows, std::size_t width, std::size_t stride, float* mins, float* maxs) {
  if (width < 4) return scan_columns_scalar(x, rows, width, stride, mins, maxs);
  V nan = i32x4_splat(0);
  for (std::size_t row = 0; row < rows; row += 4) {
    const uint8_t* from = element_f32(x, row * stride);
    const std::size_t count = rows - row < 4 ? rows - row : 4;
    std::size_t column = 0;
    for (; column + 4 <= width; column += 4) {
      scan_tile(element_f32(from, column), count, stride, mins + column, maxs + column, nan);
    }
    if (column == width) continue;
    column = width - 4;  // values seen twice change nothing
    scan_tile(element_f32(from, column), count, stride, mins + column, maxs + column, nan);
  }
  return any_true(nan);
}

// A narrow matrix without gaps: several rows are joined into one of a whole number of vectors, then folded.
bool scan_narrow(const void* x, std::size_t rows, std::size_t width, float* mins, float* maxs) {
  constexpr std::size_t kWide = 64;
  float wide_mins[kWide];
  float wide_maxs[kWide];
  const std::size_t join = kWide / width / 4 * 4;
  const std::size_t wide = join * width;
  for (std::size_t i = 0; i < wide; ++i) {
    wide_mins[i] = kInf;
    wide_maxs[i] = -kInf;
  }
  const std::size_t joined = rows / join * join;
  bool nan = scan_columns(x, rows / join, wide, wide, wide_mins, wide_maxs);
  for (std::size_t i = 0; i < wide; ++i) {
    mins[i % width] = wide_mins[i] < mins[i % width] ? wide_mins[i] : mins[i % width];
    maxs[i % width] = wide_maxs[i] > maxs[i % width] ? wide_maxs[i] : maxs[i % width];
  }
  nan |= scan_columns_scalar(element_f32(x, joined * width), rows - joined, width, width, mins, maxs);
  return nan;
}

void reset(std::size_t n, float* mins, float* maxs) {
  for (std::size_t i = 0; i < n; ++i) {
    mins[i] = kInf;
    maxs[i] = -kInf;
  }
}

// -0 becomes +0; true when an infinity was seen.
bool finish(std::size_t n, float* mins, float* maxs) {
  bool inf = false;
  for (std::size_t i = 0; i < n; ++i) {
    mins[i] += 0.0f;
    maxs[i] += 0.0f;
    inf |= holds_inf(mins[i], maxs[i]);
  }
  return inf;
}

}  // namespace

MinMax min_max_f32__simd(const void* x, std::size_t n) {
  const Extremes found = scan(x, n);
  NonFinite counts;
  if (found.nan || holds_inf(found.min, found.max)) count_non_finite(x, n, counts);
  return {found.min + 0.0f, found.max + 0.0f, counts.nan_count, counts.inf_count};
}

NonFinite min_max_f32_columns__simd(const void* x, std::size_t rows, std::size_t width, std::size_t stride, float* mins,
                                    float* maxs) {
  reset(width, mins, maxs);
  const bool narrow = width > 0 && width < 16 && stride == width;
  const bool nan = narrow ? scan_narrow(x, rows, width, mins, maxs) : scan_columns(x, rows, width, stride, mins, maxs);
  NonFinite counts;
  if (finish(width, mins, maxs) || nan) {
    for (std::size_t row = 0; row < rows; ++row) count_non_finite(element_f32(x, row * stride), width, counts);
  }
  return counts;
}

NonFinite min_max_f32_per_channel__simd(const void* x, std::size_t outer, ChannelLayout layout, float* mins,
                                        float* maxs) {
  if (layout.inner == 1) return min_max_f32_columns__simd(x, outer, layout.channels, layout.channels, mins, maxs);
  reset(layout.channels, mins, maxs);
  bool nan = false;
  for (std::size_t row = 0; row < outer * layout.channels; ++row) {
    const std::size_t c = row % layout.channels;
    const Extremes found = scan(element_f32(x, row * layout.inner), layout.inner);
    mins[c] = found.min < mins[c] ? found.min : mins[c];
    maxs[c] = found.max > maxs[c] ? found.max : maxs[c];
    nan |= found.nan;
  }
  NonFinite counts;
  if (finish(layout.channels, mins, maxs) || nan) {
    count_non_finite(x, outer * layout.channels * layout.inner, counts);
  }
  return counts;
}

}  // namespace narrowcast::kernels

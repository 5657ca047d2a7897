#include <algorithm>

#include "kernels/tile.h"
#include "kernels/winograd/winograd.h"

namespace narrowcast::kernels {
namespace {

using namespace simd;

constexpr std::size_t kProducts = 36;
constexpr std::size_t kBlockBytes = 512 << 10;  // of both transformed sides: half the second-level cache
constexpr std::size_t kLineFloats = 16;         // between the planes, so that they do not share the cache's sets

constexpr std::size_t round_up(std::size_t n, std::size_t to) { return (n + to - 1) / to * to; }

// Tiles are handled in blocks: V [36][tiles][in_c], M [36][tiles][out_c], both rounded up to whole vectors.
struct Plan {
  std::size_t across, tiles;  // of the image
  std::size_t block;          // tiles
  std::size_t in_c, out_c;    // rounded up
  std::size_t v_plane, m_plane;

  explicit Plan(const ConvShape& shape)
      : across((shape.out_w + 3) / 4),
        tiles(across * ((shape.out_h + 3) / 4)),
        in_c(round_up(shape.in_c, 4)),
        out_c(round_up(shape.out_c, 4)) {
    const std::size_t fitting = kBlockBytes / (sizeof(float) * kProducts * (in_c + out_c)) / 4 * 4;
    block = std::min(std::clamp<std::size_t>(fitting, 8, 64), tiles);
    v_plane = block * in_c + kLineFloats;
    m_plane = block * out_c + kLineFloats;
  }
  std::size_t floats() const { return kProducts * (v_plane + m_plane) + in_c + out_c; }
};

// BT times six vectors, `step` apart; the results follow each other.
NC_INLINE void transform_in(const V* d, V* to, int step) {
  const V two = f32x4_splat(2), four = f32x4_splat(4), five = f32x4_splat(5);
  const V a = f32x4_sub(d[4], f32x4_mul(four, d[2])), b = f32x4_sub(d[3], f32x4_mul(four, d[1]));
  const V c = f32x4_sub(d[4], d[2]), e = f32x4_mul(two, f32x4_sub(d[3], d[1]));
  to[0] = f32x4_add(f32x4_sub(f32x4_mul(four, d[0]), f32x4_mul(five, d[2])), d[4]);
  to[step] = f32x4_add(a, b);
  to[2 * step] = f32x4_sub(a, b);
  to[3 * step] = f32x4_add(c, e);
  to[4 * step] = f32x4_sub(c, e);
  to[5 * step] = f32x4_add(f32x4_sub(f32x4_mul(four, d[1]), f32x4_mul(five, d[3])), d[5]);
}

// AT times six vectors.
NC_INLINE void transform_out(const V* m, V* to, int step) {
  const V a = f32x4_add(m[1], m[2]), b = f32x4_sub(m[1], m[2]);
  const V c = f32x4_add(m[3], m[4]), e = f32x4_sub(m[3], m[4]);
  to[0] = f32x4_add(m[0], f32x4_add(a, c));
  to[step] = multiply_add(b, f32x4_splat(2), e);
  to[2 * step] = multiply_add(a, f32x4_splat(4), c);
  to[3 * step] = f32x4_add(multiply_add(b, f32x4_splat(8), e), m[5]);
}

// Channels c..c + 3 of one tile, whose values start at `at`; plane e of the result is e * plane floats on.
void four_channels_in(const float* const* at, std::size_t c, float* v, std::size_t plane) {
  V half[kProducts];  // [row][column]
  for (int j = 0; j < 6; ++j) {
    V d[6];
    NC_UNROLLED for (int i = 0; i < 6; ++i) d[i] = load(at[i * 6 + j] + c);
    transform_in(d, half + j, 6);
  }
  for (int i = 0; i < 6; ++i) {
    V row[6];
    transform_in(half + 6 * i, row, 1);
    NC_UNROLLED for (int j = 0; j < 6; ++j) store(v + (6 * i + j) * plane, row[j]);
  }
}

void tile_in(const float* const* at, std::size_t in_c, float* v, std::size_t plane) {
  std::size_t c = 0;
  for (; c + 4 <= in_c; c += 4) four_channels_in(at, c, v + c, plane);
  if (c == in_c) return;
  float last[kProducts][4];
  const float* rows[kProducts];
  for (std::size_t i = 0; i < kProducts; ++i) {
    store(last[i], load_first(at[i] + c, in_c - c));
    rows[i] = last[i];
  }
  four_channels_in(rows, 0, v + c, plane);
}

struct Corner {
  std::size_t oh, ow;
};
Corner corner_of(const Plan& plan, std::size_t tile) { return {tile / plan.across * 4, tile % plan.across * 4}; }

void block_in(const ConvShape& shape, const Plan& plan, const float* x, std::size_t x_stride, const float* zero,
              std::size_t first, std::size_t count, float* v) {
  for (std::size_t tile = 0; tile < count; ++tile) {
    const Corner corner = corner_of(plan, first + tile);
    const float* at[kProducts];
    for (std::size_t i = 0; i < 6; ++i) {
      const std::size_t ih = conv_input(corner.oh, 1, i, 1, shape.pad_top, shape.in_h);
      for (std::size_t j = 0; j < 6; ++j) {
        const std::size_t iw = conv_input(corner.ow, 1, j, 1, shape.pad_left, shape.in_w);
        at[6 * i + j] = ih < shape.in_h && iw < shape.in_w ? x + (ih * shape.in_w + iw) * x_stride : zero;
      }
    }
    tile_in(at, shape.in_c, v + tile * plan.in_c, plan.v_plane);
  }
}

// Where a tile's outputs go, and how many of them there are.
struct Target {
  float* y;
  std::size_t y_stride, row_stride;
  std::size_t rows, columns, channels;  // each 1..4
};

void four_channels_out(const float* m, std::size_t plane, V bias, const Target& to, V lo, V hi) {
  V half[24];  // [row][column]
  for (int j = 0; j < 6; ++j) {
    V column[6];
    NC_UNROLLED for (int i = 0; i < 6; ++i) column[i] = load(m + (6 * i + j) * plane);
    transform_out(column, half + j, 6);
  }
  for (std::size_t i = 0; i < to.rows; ++i) {
    V row[4];
    transform_out(half + 6 * i, row, 1);
    float* y = to.y + i * to.row_stride;
    for (std::size_t j = 0; j < to.columns; ++j) {
      store_first(y + j * to.y_stride, clamp_lanes(f32x4_add(row[j], bias), lo, hi), to.channels);
    }
  }
}

void block_out(const ConvShape& shape, const Plan& plan, const float* m, const float* bias, std::size_t first,
               std::size_t count, float* y, std::size_t y_stride, Clamp clamp) {
  const V lo = f32x4_splat(clamp.lo), hi = f32x4_splat(clamp.hi);
  for (std::size_t tile = 0; tile < count; ++tile) {
    const auto [oh, ow] = corner_of(plan, first + tile);
    Target to{.y = y + (oh * shape.out_w + ow) * y_stride,
              .y_stride = y_stride,
              .row_stride = shape.out_w * y_stride,
              .rows = std::min<std::size_t>(4, shape.out_h - oh),
              .columns = std::min<std::size_t>(4, shape.out_w - ow)};
    for (std::size_t o = 0; o < shape.out_c; o += 4, to.y += 4) {
      to.channels = std::min<std::size_t>(4, shape.out_c - o);
      four_channels_out(m + tile * plan.out_c + o, plan.m_plane, load(bias + o), to, lo, hi);
    }
  }
}

// Through pointers, so that the linker's optimizer leaves each a function of its own.
constexpr auto* kBlockIn = block_in;
constexpr auto* kBlockOut = block_out;

}  // namespace

std::size_t winograd_scratch_bytes(const ConvShape& shape) { return sizeof(float) * Plan(shape).floats(); }

void winograd_f32__simd(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed,
                        const float* bias, float* y, std::size_t y_stride, void* scratch, const Epilogue& epilogue) {
  const Plan plan(shape);
  auto* v = static_cast<float*>(scratch);
  float* m = v + kProducts * plan.v_plane;
  float* zero = m + kProducts * plan.m_plane;
  float* padded_bias = zero + plan.in_c;
  std::fill_n(zero, plan.in_c + plan.out_c, 0.0f);
  if (bias) std::copy_n(bias, shape.out_c, padded_bias);
  const std::size_t floats = packed_gemm_floats(shape.out_c, shape.in_c);
  LineFinisher finisher(epilogue, y, shape.out_h, shape.out_w, shape.out_c, y_stride);
  for (std::size_t tile = 0; tile < plan.tiles; tile += plan.block) {
    const std::size_t count = std::min(plan.block, plan.tiles - tile);
    kBlockIn(shape, plan, x, x_stride, zero, tile, count, v);
    for (std::size_t e = 0; e < kProducts; ++e) {
      gemm_f32__simd(count, plan.out_c, shape.in_c, v + e * plan.v_plane, plan.in_c, packed + e * floats, nullptr,
                     m + e * plan.m_plane, plan.out_c, {});
    }
    kBlockOut(shape, plan, m, padded_bias, tile, count, y, y_stride, epilogue.clamp);
    finisher.done(std::min((tile + count) / plan.across * 4, shape.out_h));
  }
}

}  // namespace narrowcast::kernels

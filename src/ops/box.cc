#include "ops/box.h"

#include <algorithm>
#include <cstring>

namespace narrowcast::ops {
namespace {

constexpr std::size_t kTile = 16;  // rows and columns of a transposed tile: 16 lines of the cache on either side

struct Bytes16 {
  uint64_t low;
  uint64_t high;
};

// One inner run, and the steps to the next one along `across`.
struct Inner {
  BoxAxis run;
  BoxAxis across;
};

template <typename T>
void copy_run(const BoxAxis& run, const T* from, T* to) {
  if (run.from == 1 && run.to == 1) {
    std::memcpy(to, from, run.size * sizeof(T));
    return;
  }
  for (std::size_t i = 0; i < run.size; ++i, from += run.from, to += run.to) *to = *from;
}

// Both axes step badly on one side: tile by tile, so that each line of the cache is read and written once.
template <typename T>
void copy_tiles(const Inner& inner, const T* from, T* to) {
  for (std::size_t r = 0; r < inner.across.size; r += kTile) {
    const std::size_t rows = std::min(kTile, inner.across.size - r);
    for (std::size_t c = 0; c < inner.run.size; c += kTile) {
      const std::size_t columns = std::min(kTile, inner.run.size - c);
      const auto at = [&](int64_t across, int64_t along) {
        return static_cast<int64_t>(r) * across + static_cast<int64_t>(c) * along;
      };
      const T* source = from + at(inner.across.from, inner.run.from);
      T* target = to + at(inner.across.to, inner.run.to);
      for (std::size_t row = 0; row < rows; ++row, source += inner.across.from, target += inner.across.to) {
        copy_run({columns, inner.run.from, inner.run.to}, source, target);
      }
    }
  }
}

template <typename T>
void copy_inner(const Inner& inner, const T* from, T* to) {
  const bool crosses = inner.across.from == 1 && inner.run.from != 1 && inner.run.from != 0;
  if (crosses) return copy_tiles(inner, from, to);
  for (std::size_t i = 0; i < inner.across.size; ++i, from += inner.across.from, to += inner.across.to) {
    copy_run(inner.run, from, to);
  }
}

// Walks the outer axes; the last two are the caller's.
template <typename T>
void copy_outer(std::span<const BoxAxis> outer, const Inner& inner, const uint8_t* from_bytes, uint8_t* to_bytes) {
  const T* from = reinterpret_cast<const T*>(from_bytes);
  T* to = reinterpret_cast<T*>(to_bytes);
  std::vector<std::size_t> index(outer.size(), 0);
  for (;;) {
    copy_inner(inner, from, to);
    std::size_t axis = outer.size();
    for (; axis-- > 0;) {
      if (++index[axis] < outer[axis].size) {
        from += outer[axis].from;
        to += outer[axis].to;
        break;
      }
      index[axis] = 0;
      from -= static_cast<int64_t>(outer[axis].size - 1) * outer[axis].from;
      to -= static_cast<int64_t>(outer[axis].size - 1) * outer[axis].to;
    }
    if (axis == static_cast<std::size_t>(-1)) return;
  }
}

// Outermost first, as the target lies; axes that both sides cross alike are one. Empty: there is one element.
std::vector<BoxAxis> merged(std::vector<BoxAxis> box) {
  std::erase_if(box, [](const BoxAxis& axis) { return axis.size == 1; });
  std::ranges::stable_sort(box, [](const BoxAxis& a, const BoxAxis& b) { return a.to > b.to; });
  std::vector<BoxAxis> out;
  for (const BoxAxis& axis : box) {
    const auto size = static_cast<int64_t>(axis.size);
    if (!out.empty() && out.back().from == axis.from * size && out.back().to == axis.to * size) {
      out.back() = {out.back().size * axis.size, axis.from, axis.to};
    } else {
      out.push_back(axis);
    }
  }
  return out;
}

bool is_one_run(const std::vector<BoxAxis>& box) {
  const std::vector<BoxAxis> axes = merged(box);
  return axes.empty() || (axes.size() == 1 && axes[0].from == 1 && axes[0].to == 1);
}

std::vector<BoxAxis> box_of(const Shape& shape, Layout layout, std::span<const int64_t> from) {
  const std::vector<int64_t> to = strides_of(shape, layout);
  std::vector<BoxAxis> box(shape.size());
  for (std::size_t i = 0; i < box.size(); ++i) box[i] = {static_cast<std::size_t>(shape[i]), from[i], to[i]};
  return box;
}

}  // namespace

void copy_box(unsigned width, std::vector<BoxAxis> box, const uint8_t* from, uint8_t* to) {
  if (std::ranges::any_of(box, [](const BoxAxis& axis) { return axis.size == 0; })) return;
  std::vector<BoxAxis> axes = merged(std::move(box));
  Inner inner;
  if (!axes.empty()) {
    inner.run = axes.back();
    axes.pop_back();
  }
  // The axis whose neighbours lie side by side in the source goes into the tile.
  const auto beside = std::ranges::find(axes, 1, &BoxAxis::from);
  const auto across = beside != axes.end() || axes.empty() ? beside : axes.end() - 1;
  if (across != axes.end()) {
    inner.across = *across;
    axes.erase(across);
  }
  if (width == 1) copy_outer<uint8_t>(axes, inner, from, to);
  if (width == 2) copy_outer<uint16_t>(axes, inner, from, to);
  if (width == 4) copy_outer<uint32_t>(axes, inner, from, to);
  if (width == 8) copy_outer<uint64_t>(axes, inner, from, to);
  if (width == 16) copy_outer<Bytes16>(axes, inner, from, to);
}

std::vector<int64_t> strides_of(const Shape& shape, Layout layout) {
  const std::size_t rank = shape.size();
  const Shape sizes = memory_shape(shape, layout);
  std::vector<int64_t> in_memory(rank, 1);
  // Products of sizes beside a zero may leave 63 bits; nobody steps by them.
  for (std::size_t i = rank; i-- > 1;) {
    in_memory[i - 1] = static_cast<int64_t>(static_cast<uint64_t>(in_memory[i]) * static_cast<uint64_t>(sizes[i]));
  }
  std::vector<int64_t> strides(rank);
  for (std::size_t i = 0; i < rank; ++i) strides[i] = in_memory[memory_axis(i, rank, layout)];
  return strides;
}

Result<bool> share_view(EvalContext& ctx, std::size_t slot, const Tensor& x, int64_t first,
                        std::span<const int64_t> strides) {
  NC_TRY(const Shape shape, result_shape(ctx, slot));
  NC_TRY(const unsigned width, element_width(ctx.op(), x.dtype));
  if (element_count(shape) == 0) return false;
  for (const Layout order : {Layout::plain, Layout::channels_last}) {
    if (order == Layout::channels_last && shape.size() < 3) break;
    if (!is_one_run(box_of(shape, order, strides))) continue;
    Tensor part = x;
    part.data += first * static_cast<int64_t>(width);
    ctx.share(slot, part, shape, order);
    return true;
  }
  return false;
}

Status take_view(EvalContext& ctx, std::size_t slot, const Tensor& x, int64_t first, std::span<const int64_t> strides,
                 Layout layout) {
  NC_TRY(const bool shared, share_view(ctx, slot, x, first, strides));
  if (shared) return {};
  NC_TRY(const Shape shape, result_shape(ctx, slot));
  NC_TRY(const unsigned width, element_width(ctx.op(), x.dtype));
  if (shape.size() < 3) layout = Layout::plain;
  NC_TRY(Tensor* const y, ctx.make(slot, x.dtype, shape, layout));
  if (y->count() == 0) return {};
  copy_box(width, box_of(shape, layout, strides), x.data + first * static_cast<int64_t>(width), y->writable<uint8_t>());
  return {};
}

Result<Shape> result_shape(const EvalContext& ctx, std::size_t slot) {
  const auto& shape = ctx.inferred(slot).shape;
  const bool known = shape && std::ranges::all_of(*shape, [](int64_t size) { return size >= 0; });
  if (known) return *shape;
  return fail(ErrorCode::malformed, ctx.op().type + ": the operands do not give its result a shape.");
}

Result<unsigned> element_width(const RawOp& op, DType dtype) {
  const unsigned bits = dtype_bits(dtype);
  if (bits >= 8) return bits / 8;
  return fail(ErrorCode::unsupported, op.type + " of " + std::string(dtype_name(dtype)) + " does not run here.");
}

void fill_elements(unsigned width, const uint8_t* element, std::size_t count, uint8_t* to) {
  if (width == 1) {
    std::memset(to, *element, count);
    return;
  }
  for (std::size_t i = 0; i < count; ++i) std::memcpy(to + i * width, element, width);
}

}  // namespace narrowcast::ops

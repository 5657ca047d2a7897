#include "ops/pad/pad_eval.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "ops/box.h"
#include "ops/cast/convert.h"
#include "ops/index.h"
#include "ops/sizes.h"

namespace narrowcast::ops {
namespace {

constexpr std::size_t kWidest = 16;
constexpr int64_t kValue = -1;  // a place that takes the value

// symmetric is TFLite's: like reflect, but the edge itself is repeated.
enum class Mode : uint8_t { constant, reflect, symmetric, edge, wrap };

struct Side {
  int64_t before = 0;
  int64_t after = 0;
};

// Which entry of `n` entries a place before the first one (or behind the last one) takes.
int64_t outside_place(Mode mode, int64_t at, int64_t n) {
  switch (mode) {
    case Mode::reflect:
      return at < 0 ? -at : 2 * (n - 1) - at;
    case Mode::symmetric:
      return at < 0 ? -at - 1 : 2 * n - 1 - at;
    case Mode::edge:
      return at < 0 ? 0 : n - 1;
    case Mode::wrap:
      return ((at % n) + n) % n;
    default:
      return kValue;
  }
}

// What is below zero cuts first; the rest is seen from what is left.
struct Border {
  int64_t cut = 0;
  int64_t left = 0;
  int64_t before = 0;
  int64_t after = 0;
};

Result<Border> border_of(const RawOp& op, Mode mode, int64_t size, Side side) {
  if (!is_modest(side.before) || !is_modest(side.after)) {
    return fail(ErrorCode::out_of_memory, op.type + ": a border is too large.");
  }
  Border border{.cut = std::max<int64_t>(-side.before, 0),
                .before = std::max<int64_t>(side.before, 0),
                .after = std::max<int64_t>(side.after, 0)};
  border.left = size - border.cut - std::max<int64_t>(-side.after, 0);
  if (border.left < 0) return fail(ErrorCode::malformed, op.type + ": more is cut than an axis has.");
  const int64_t room = std::max<int64_t>(mode == Mode::reflect ? border.left - 1 : border.left, 0);
  const bool mirrors = mode == Mode::reflect || mode == Mode::symmetric;
  const bool reaches = !mirrors || std::max(border.before, border.after) <= room;
  const bool has_source = mode == Mode::constant || border.left > 0 || border.before + border.after == 0;
  if (!reaches || !has_source) return fail(ErrorCode::malformed, op.type + ": an axis is too short for its border.");
  return border;
}

// By place on the padded axis, the operand's entry.
std::vector<int64_t> places_of(Mode mode, const Border& border) {
  std::vector<int64_t> places(static_cast<std::size_t>(border.before + border.left + border.after));
  for (std::size_t i = 0; i < places.size(); ++i) {
    const int64_t at = static_cast<int64_t>(i) - border.before;
    const int64_t inside = at >= 0 && at < border.left ? at : outside_place(mode, at, border.left);
    places[i] = inside == kValue ? kValue : border.cut + inside;
  }
  return places;
}

// Copies along axes in the order of memory. Axes behind the last padded one are one chunk.
class Padder {
 public:
  Padder(std::vector<std::vector<int64_t>> places, const Shape& sizes, unsigned width, const uint8_t* value)
      : places_(std::move(places)), width_(width), value_(value) {
    while (!places_.empty() && is_whole(places_.back(), sizes[places_.size() - 1])) {
      chunk_ *= static_cast<std::size_t>(sizes[places_.size() - 1]);
      places_.pop_back();
    }
    strides_.assign(places_.size(), chunk_);
    below_.assign(places_.size(), chunk_);
    for (std::size_t i = places_.size(); i-- > 1;) {
      strides_[i - 1] = strides_[i] * static_cast<std::size_t>(sizes[i]);
      below_[i - 1] = below_[i] * places_[i].size();
    }
  }

  void run(const uint8_t* from, uint8_t* to) {
    if (from == nullptr) return;  // there is no element
    if (places_.empty()) {
      std::memcpy(to, from, chunk_ * width_);
    } else {
      run_axis(0, from, to);
    }
  }

 private:
  static bool is_whole(const std::vector<int64_t>& places, int64_t size) {
    if (static_cast<int64_t>(places.size()) != size) return false;
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (places[i] != static_cast<int64_t>(i)) return false;
    }
    return true;
  }

  // Neighbours that stay neighbours are copied at once.
  std::size_t run_from(const std::vector<int64_t>& places, std::size_t i) const {
    std::size_t end = i + 1;
    const int64_t step = places[i] == kValue ? 0 : 1;
    while (end < places.size() && places[end] == places[end - 1] + step) ++end;
    return end - i;
  }

  void run_axis(std::size_t axis, const uint8_t* from, uint8_t* to) {
    const std::vector<int64_t>& places = places_[axis];
    const bool is_last = axis + 1 == places_.size();
    for (std::size_t i = 0; i < places.size();) {
      const bool is_value = places[i] == kValue;
      const std::size_t count = is_value || is_last ? run_from(places, i) : 1;
      const std::size_t elements = count * below_[axis];
      const uint8_t* source = is_value ? from : from + static_cast<std::size_t>(places[i]) * strides_[axis] * width_;
      if (is_value) {
        fill_elements(width_, value_, elements, to);
      } else if (is_last) {
        if (source != nullptr) std::memcpy(to, source, elements * width_);
      } else {
        run_axis(axis + 1, source, to);
      }
      to += elements * width_;
      i += count;
    }
  }

  std::vector<std::vector<int64_t>> places_;  // by axis
  std::vector<std::size_t> strides_;          // in the operand, in elements
  std::vector<std::size_t> below_;            // elements of the result under one entry
  std::size_t chunk_ = 1;
  unsigned width_;
  const uint8_t* value_;
};

Status pad(EvalContext& ctx, Mode mode, const std::vector<Side>& sides, const uint8_t* value) {
  const Tensor& x = ctx.operand(0);
  NC_TRY(const unsigned width, element_width(ctx.op(), x.dtype));
  Shape shape = x.shape;
  std::vector<Border> borders(x.rank());
  for (std::size_t i = 0; i < x.rank(); ++i) {
    NC_TRY(borders[i], border_of(ctx.op(), mode, x.shape[i], sides[i]));
    shape[i] = borders[i].before + borders[i].left + borders[i].after;
  }
  NC_TRY(Tensor* const y, ctx.make(0, x.dtype, shape, x.layout));
  if (y->count() == 0) return {};
  std::vector<std::vector<int64_t>> places(x.rank());
  for (std::size_t i = 0; i < x.rank(); ++i) places[memory_axis(i, x.rank(), x.layout)] = places_of(mode, borders[i]);
  Padder(std::move(places), memory_shape(x.shape, x.layout), width, value).run(x.data, y->writable<uint8_t>());
  return {};
}

std::optional<Mode> mode_of(std::string_view name) {
  if (name == "constant") return Mode::constant;
  if (name == "reflect") return Mode::reflect;
  if (name == "edge") return Mode::edge;
  if (name == "wrap") return Mode::wrap;
  return std::nullopt;
}

Result<std::vector<Side>> read_sides(const EvalContext& ctx) {
  const std::size_t rank = ctx.operand(0).rank();
  const List pads = read_list(ctx, pads_place(ctx.op()));
  const List axes = ctx.op().version >= kPadTakesAxes ? read_list(ctx, 3) : List{};
  const std::size_t count = axes.state == Listed::absent ? rank : axes.values.size();
  if (pads.values.size() != 2 * count)
    return fail(ErrorCode::malformed, "Pad: the pads do not fit the operand's rank.");
  std::vector<Side> sides(rank);
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t axis = i;
    if (axes.state != Listed::absent) {
      NC_TRY(axis, find_axis(ctx.op(), axes.values[i], rank));
    }
    sides[axis] = {pads.values[i], pads.values[count + i]};
  }
  return sides;
}

using Element = std::array<uint8_t, kWidest>;

// The element to fill with: zero, the attribute, or the operand in `slot`.
Result<Element> read_value(const EvalContext& ctx, std::size_t slot, bool is_operand) {
  Element element{};
  const DType dtype = ctx.operand(0).dtype;
  if (is_operand && ctx.present(slot)) {
    const Tensor& value = ctx.operand(slot);
    if (value.dtype != dtype || value.count() != 1 || value.data == nullptr) {
      return fail(ErrorCode::malformed, ctx.op().type + ": the value is not one element of the operand's type.");
    }
    std::memcpy(element.data(), value.data, value.bytes());
  } else if (!is_operand && converts(dtype)) {
    const float value = ctx.op().float_or("value", 0);
    convert_elements(Tensor{DType::f32, Layout::plain, {}, {}, reinterpret_cast<const uint8_t*>(&value)},
                     Tensor{dtype, Layout::plain, {}, {}, element.data()}, true);
  }
  return element;
}

}  // namespace

Status eval_pad(EvalContext& ctx) {
  const auto mode = mode_of(ctx.op().string_or("mode", "constant"));
  if (!mode) return fail(ErrorCode::unsupported, "Pad: the mode is not known.");
  NC_TRY(const std::vector<Side> sides, read_sides(ctx));
  NC_TRY(const Element value, read_value(ctx, 2, ctx.op().version >= kPadsAreOperand));
  return pad(ctx, *mode, sides, value.data());
}

Status eval_pad_tflite(EvalContext& ctx) {
  const std::vector<int64_t> pairs = ctx.ints(1);
  if (pairs.size() != 2 * ctx.operand(0).rank()) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the paddings do not fit the operand's rank.");
  }
  std::vector<Side> sides;
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    if (pairs[i] < 0 || pairs[i + 1] < 0) return fail(ErrorCode::malformed, ctx.op().type + ": a padding is negative.");
    sides.push_back({pairs[i], pairs[i + 1]});
  }
  const bool mirrors = ctx.op().type == "MIRROR_PAD";
  const Mode mirror = ctx.op().int_or("mode", 0) == 1 ? Mode::symmetric : Mode::reflect;
  NC_TRY(const Element value, read_value(ctx, 2, true));
  return pad(ctx, mirrors ? mirror : Mode::constant, sides, value.data());
}

}  // namespace narrowcast::ops

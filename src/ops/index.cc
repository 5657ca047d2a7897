#include "ops/index.h"

#include "ops/box.h"

namespace narrowcast::ops {
namespace {

// Nothing when it lies outside.
std::optional<std::size_t> place_of(const RawOp& op, int64_t index, std::size_t size) {
  const auto count = static_cast<int64_t>(size);
  if (index < 0 && op.domain != kTfliteDomain) index += count;
  if (index < 0 || index >= count) return std::nullopt;
  return static_cast<std::size_t>(index);
}

std::unexpected<Error> outside(const RawOp& op, int64_t index, std::size_t size) {
  return fail(ErrorCode::malformed, op.type + ": the index " + std::to_string(index) + " lies outside of " +
                                        std::to_string(size) + " entries.");
}

}  // namespace

Result<std::vector<std::size_t>> read_places(const EvalContext& ctx, std::size_t slot, std::size_t size) {
  const std::vector<int64_t> indices = ctx.ints(slot);
  if (indices.size() != ctx.operand(slot).count()) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the indices are no integers.");
  }
  std::vector<std::size_t> places(indices.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto place = place_of(ctx.op(), indices[i], size);
    if (!place) return outside(ctx.op(), indices[i], size);
    places[i] = *place;
  }
  return places;
}

Result<std::vector<std::size_t>> read_nd_places(const EvalContext& ctx, std::size_t slot,
                                                std::span<const int64_t> sizes) {
  const std::vector<int64_t> indices = ctx.ints(slot);
  const Shape& shape = ctx.operand(slot).shape;
  if (indices.size() != ctx.operand(slot).count() || shape.empty()) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the indices are no list of integers.");
  }
  std::vector<std::size_t> places(count_of(std::span(shape).first(shape.size() - 1)), 0);
  std::size_t next = 0;
  for (std::size_t& place : places) {
    for (const int64_t axis_size : sizes) {
      const auto size = static_cast<std::size_t>(axis_size);
      const auto at = place_of(ctx.op(), indices[next], size);
      if (!at) return outside(ctx.op(), indices[next], size);
      place = place * size + *at;
      ++next;
    }
  }
  return places;
}

std::vector<std::size_t> elements_along(const Shape& whole, const Shape& shape, std::size_t axis) {
  std::vector<int64_t> strides = strides_of(whole, Layout::plain);
  if (!strides.empty()) strides[axis] = 0;
  std::vector<std::size_t> elements(count_of(shape));
  std::vector<int64_t> index(shape.size(), 0);
  int64_t at = 0;
  for (std::size_t& element : elements) {
    element = static_cast<std::size_t>(at);
    for (std::size_t i = shape.size(); i-- > 0;) {
      at += strides[i];
      if (++index[i] < shape[i]) break;
      at -= strides[i] * shape[i];
      index[i] = 0;
    }
  }
  return elements;
}

std::size_t count_of(std::span<const int64_t> sizes) {
  std::size_t count = 1;
  for (const int64_t size : sizes) count *= static_cast<std::size_t>(size);
  return count;
}

}  // namespace narrowcast::ops

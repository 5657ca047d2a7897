#include "ops/space/space_eval.h"

#include <algorithm>

#include "ops/box.h"

namespace narrowcast::ops {
namespace {

// An image whose channels hold blocks of pixels, and the one that has the pixels. Strides by (batch, channel, row,
// column), in elements.
struct Blocks {
  std::vector<int64_t> deep;
  std::vector<int64_t> wide;
  std::vector<std::size_t> sizes;  // of the deep image, channels without the blocks
  int64_t block = 1;
  bool columns_first = true;  // blocks lie around the channels (DCR), else inside of them (CRD)
};

// From the deep image to the wide one, or the other way round.
std::vector<BoxAxis> block_box(const Blocks& blocks, bool widens) {
  const auto channels = static_cast<int64_t>(blocks.sizes[1]);
  const auto side = static_cast<std::size_t>(blocks.block);
  const int64_t channel = blocks.deep[1];
  const int64_t column = blocks.columns_first ? channels * channel : channel;
  const int64_t pixel = blocks.columns_first ? channel : blocks.block * blocks.block * channel;
  std::vector<BoxAxis> box{{blocks.sizes[0], blocks.deep[0], blocks.wide[0]},
                           {blocks.sizes[1], pixel, blocks.wide[1]},
                           {side, blocks.block * column, blocks.wide[2]},
                           {side, column, blocks.wide[3]},
                           {blocks.sizes[2], blocks.deep[2], blocks.block * blocks.wide[2]},
                           {blocks.sizes[3], blocks.deep[3], blocks.block * blocks.wide[3]}};
  if (!widens) {
    for (BoxAxis& axis : box) std::swap(axis.from, axis.to);
  }
  return box;
}

// Sizes or strides of an NHWC tensor as NCHW ones.
std::vector<int64_t> channels_second(const RawOp& op, const std::vector<int64_t>& list) {
  if (op.domain != kTfliteDomain) return list;
  return {list[0], list[3], list[1], list[2]};
}

Status move_blocks(EvalContext& ctx, bool widens) {
  const Tensor& x = ctx.operand(0);
  const RawOp& op = ctx.op();
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  NC_TRY(const unsigned width, element_width(op, x.dtype));
  NC_TRY(Tensor* const y, ctx.make(0, x.dtype, shape, x.layout));
  const Tensor& deep = widens ? x : *y;
  const Tensor& wide = widens ? *y : x;
  Blocks blocks{.deep = channels_second(op, strides_of(deep.shape, deep.layout)),
                .wide = channels_second(op, strides_of(wide.shape, wide.layout)),
                .sizes = {},
                .block = op.int_or(op.domain == kTfliteDomain ? "block_size" : "blocksize", 1),
                .columns_first = op.string_or("mode", "DCR") != "CRD"};
  for (const int64_t size : channels_second(op, deep.shape)) blocks.sizes.push_back(static_cast<std::size_t>(size));
  blocks.sizes[1] /= static_cast<std::size_t>(blocks.block * blocks.block);
  if (y->count() > 0) copy_box(width, block_box(blocks, widens), x.data, y->writable<uint8_t>());
  return {};
}

// One axis between the batched tensor and the one with whole images.
struct BatchAxis {
  int64_t block = 1;
  int64_t border = 0;  // in front
  int64_t offset = 0;  // within the block
};

// The part of an axis that one offset within its block fills.
struct Part {
  BoxAxis axis;
  int64_t from = 0;
  int64_t to = 0;
};
Part part_of(const BatchAxis& axis, int64_t batched_size, int64_t batched_step, int64_t whole_size,
             int64_t whole_step) {
  const int64_t shift = axis.border - axis.offset;  // entry i of the batched axis is i * block - shift of the whole one
  const int64_t first = shift <= 0 ? 0 : (shift + axis.block - 1) / axis.block;
  const int64_t end = whole_size + shift <= 0 ? 0 : (whole_size + shift + axis.block - 1) / axis.block;
  const int64_t count = std::max<int64_t>(0, std::min(end, batched_size) - first);
  return {{static_cast<std::size_t>(count), batched_step, axis.block * whole_step},
          first * batched_step,
          (first * axis.block - shift) * whole_step};
}

Status move_batches(EvalContext& ctx, bool to_batch) {
  const Tensor& x = ctx.operand(0);
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  NC_TRY(const unsigned width, element_width(ctx.op(), x.dtype));
  const std::vector<int64_t> sides = ctx.ints(1);
  const std::vector<int64_t> borders = ctx.ints(2);
  if (sides.size() >= x.rank() || borders.size() != 2 * sides.size()) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the blocks do not fit the shape " + shape_text(x.shape) + ".");
  }
  NC_TRY(Tensor* const y, ctx.make(0, x.dtype, shape));
  std::fill_n(y->writable<uint8_t>(), y->bytes(), uint8_t{0});
  if (y->count() == 0 || x.count() == 0) return {};
  const Tensor& batched = to_batch ? *y : x;
  const Tensor& whole = to_batch ? x : *y;
  const std::vector<int64_t> batched_steps = strides_of(batched.shape, Layout::plain);
  const std::vector<int64_t> whole_steps = strides_of(whole.shape, Layout::plain);
  std::vector<BatchAxis> axes(sides.size());
  for (std::size_t i = 0; i < axes.size(); ++i) axes[i] = {sides[i], borders[2 * i], 0};
  const int64_t groups = batched.shape[0] / whole.shape[0];
  for (int64_t group = 0; group < groups; ++group) {
    NC_CHECK(ctx.bodies().keep_going());
    int64_t rest = group;  // offsets within the blocks, the last axis' fastest
    for (std::size_t i = axes.size(); i-- > 0; rest /= axes[i].block) axes[i].offset = rest % axes[i].block;
    int64_t from = group * whole.shape[0] * batched_steps[0];
    int64_t to = 0;
    std::vector<BoxAxis> box{{static_cast<std::size_t>(whole.shape[0]), batched_steps[0], whole_steps[0]}};
    for (std::size_t i = 1; i < whole.rank(); ++i) {
      const BatchAxis axis = i <= axes.size() ? axes[i - 1] : BatchAxis{};
      const Part part = part_of(axis, batched.shape[i], batched_steps[i], whole.shape[i], whole_steps[i]);
      box.push_back(part.axis);
      from += part.from;
      to += part.to;
    }
    if (std::ranges::any_of(box, [](const BoxAxis& axis) { return axis.size == 0; })) continue;
    if (to_batch) {
      for (BoxAxis& axis : box) std::swap(axis.from, axis.to);
      std::swap(from, to);
    }
    const auto bytes = static_cast<int64_t>(width);
    copy_box(width, std::move(box), x.data + from * bytes, y->writable<uint8_t>() + to * bytes);
  }
  return {};
}

}  // namespace

Status eval_depth_to_space(EvalContext& ctx) { return move_blocks(ctx, true); }
Status eval_space_to_depth(EvalContext& ctx) { return move_blocks(ctx, false); }
Status eval_space_to_batch(EvalContext& ctx) { return move_batches(ctx, true); }
Status eval_batch_to_space(EvalContext& ctx) { return move_batches(ctx, false); }

}  // namespace narrowcast::ops

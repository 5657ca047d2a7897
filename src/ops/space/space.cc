#include "ops/axes.h"
#include "ops/sizes.h"
#include "ops/space/space_eval.h"

namespace narrowcast::ops {
namespace {

std::unexpected<Error> does_not_divide(const InferContext& ctx, const Shape& x) {
  return fail(ErrorCode::malformed, ctx.op().type + ": the block does not divide the shape " + shape_text(x) + ".");
}

// Where the format keeps its axes.
struct Places {
  std::size_t channels;
  std::size_t height;
  std::size_t width;
  std::string_view block;  // the attribute
};
constexpr Places kOnnx{1, 2, 3, "blocksize"};
constexpr Places kTflite{3, 1, 2, "block_size"};

// `grow`: channels become a block of pixels; else the other way round.
Status infer_blocks(InferContext& ctx, const Places& places, bool grow) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  const int64_t block = ctx.op().int_or(places.block, 0);
  if (x->size() != 4 || block <= 0 || !is_modest(block)) return does_not_divide(ctx, *x);
  Shape out = *x;
  const auto divide = [&](std::size_t axis, int64_t by) {
    if (out[axis] >= 0 && out[axis] % by != 0) return false;
    out[axis] = divide_sizes(out[axis], by);
    return true;
  };
  if (grow) {
    if (!divide(places.channels, block * block)) return does_not_divide(ctx, *x);
    out[places.height] = multiply_sizes(out[places.height], block);
    out[places.width] = multiply_sizes(out[places.width], block);
  } else {
    if (!divide(places.height, block) || !divide(places.width, block)) return does_not_divide(ctx, *x);
    out[places.channels] = multiply_sizes(out[places.channels], block * block);
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

Status infer_depth_to_space(InferContext& ctx) { return infer_blocks(ctx, kOnnx, true); }
Status infer_space_to_depth(InferContext& ctx) { return infer_blocks(ctx, kOnnx, false); }
Status infer_depth_to_space_tflite(InferContext& ctx) { return infer_blocks(ctx, kTflite, true); }
Status infer_space_to_depth_tflite(InferContext& ctx) { return infer_blocks(ctx, kTflite, false); }

// TFLite: blocks of the axes after the first one move to the batch and back; the third operand pads, or crops.
Status infer_batch_blocks(InferContext& ctx, bool to_batch) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  ctx.set(0, ctx.dtype(0), unknown_sizes(x->size()));
  const auto* blocks = ctx.ints(1);
  const auto* borders = ctx.ints(2);
  if (blocks == nullptr || borders == nullptr) return {};
  if (blocks->size() + 1 > x->size() || borders->size() != 2 * blocks->size()) return does_not_divide(ctx, *x);
  Shape out = *x;
  for (std::size_t i = 0; i < blocks->size(); ++i) {
    const int64_t block = (*blocks)[i];
    const int64_t before = (*borders)[2 * i];
    const int64_t after = (*borders)[2 * i + 1];
    if (block <= 0 || before < 0 || after < 0) return does_not_divide(ctx, *x);
    const int64_t border = add_sizes(before, after);
    int64_t& size = out[i + 1];
    if (to_batch) {
      size = add_sizes(size, border);
      if (size >= 0 && size % block != 0) return does_not_divide(ctx, *x);
      size = divide_sizes(size, block);
      out[0] = multiply_sizes(out[0], block);
    } else {
      size = multiply_sizes(size, block);
      size = size < 0 || border < 0 || border > size ? kUnknownDim : size - border;
      if (out[0] >= 0 && out[0] % block != 0) return does_not_divide(ctx, *x);
      out[0] = divide_sizes(out[0], block);
    }
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

Status infer_space_to_batch(InferContext& ctx) { return infer_batch_blocks(ctx, true); }
Status infer_batch_to_space(InferContext& ctx) { return infer_batch_blocks(ctx, false); }

Rule blocks_rule(const RuleQuery&) { return {{{Role::data, {}}, {Role::plain, {}}, {Role::plain, {}}}}; }

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "DepthToSpace",
     .first_version = 1,
     .last_version = 13,
     .infer = infer_depth_to_space,
     .eval = eval_depth_to_space,
     .floats = Floats::all,
     .layouts = Layouts::follow},
    {.domain = "",
     .type = "SpaceToDepth",
     .first_version = 1,
     .last_version = 13,
     .infer = infer_space_to_depth,
     .eval = eval_space_to_depth,
     .floats = Floats::all,
     .layouts = Layouts::follow},
    {.domain = kTfliteDomain,
     .type = "BATCH_TO_SPACE_ND",
     .first_version = 1,
     .last_version = 4,
     .infer = infer_batch_to_space,
     .rule = blocks_rule,
     .eval = eval_batch_to_space,
     .floats = Floats::all},
    {.domain = kTfliteDomain,
     .type = "DEPTH_TO_SPACE",
     .first_version = 1,
     .last_version = 2,
     .infer = infer_depth_to_space_tflite,
     .eval = eval_depth_to_space,
     .floats = Floats::all},
    {.domain = kTfliteDomain,
     .type = "SPACE_TO_BATCH_ND",
     .first_version = 1,
     .last_version = 4,
     .infer = infer_space_to_batch,
     .rule = blocks_rule,
     .eval = eval_space_to_batch,
     .floats = Floats::all},
    {.domain = kTfliteDomain,
     .type = "SPACE_TO_DEPTH",
     .first_version = 1,
     .last_version = 2,
     .infer = infer_space_to_depth_tflite,
     .eval = eval_space_to_depth,
     .floats = Floats::all},
};

}  // namespace

OpFamily space_family() { return {"space", "Moves blocks of pixels into channels or the batch, and back.", kOps}; }

}  // namespace narrowcast::ops

#include "ops/axes.h"

#include <numeric>

#include "ops/eval.h"

namespace narrowcast::ops {

Result<std::size_t> find_axis(const RawOp& op, int64_t axis, std::size_t rank) {
  const auto count = static_cast<int64_t>(rank);
  if (axis < -count || axis >= count) {
    return fail(ErrorCode::malformed,
                op.type + ": there is no axis " + std::to_string(axis) + " among " + std::to_string(rank) + ".");
  }
  return static_cast<std::size_t>(axis < 0 ? axis + count : axis);
}

Result<std::vector<bool>> mark_axes(const RawOp& op, const std::vector<int64_t>& axes, std::size_t rank) {
  std::vector<bool> marked(rank, false);
  for (const int64_t axis : axes) {
    NC_TRY(const std::size_t found, find_axis(op, axis, rank));
    marked[found] = true;
  }
  return marked;
}

List read_list(const InferContext& ctx, std::size_t slot) {
  if (!ctx.present(slot)) return {};
  if (const auto* ints = ctx.ints(slot)) return {Listed::known, *ints};
  return {Listed::unknown, {}};
}

List read_list(const InferContext& ctx, const ListPlace& place) {
  if (ctx.op().version >= place.operand_since) return read_list(ctx, place.slot);
  if (ctx.op().find(place.attribute) == nullptr) return {};
  return {Listed::known, ctx.op().ints(place.attribute)};
}

List read_list(const EvalContext& ctx, std::size_t slot) {
  return ctx.present(slot) ? List{Listed::known, ctx.ints(slot)} : List{};
}

List read_list(const EvalContext& ctx, const ListPlace& place) {
  if (ctx.op().version >= place.operand_since) return read_list(ctx, place.slot);
  if (ctx.op().find(place.attribute) == nullptr) return {};
  return {Listed::known, ctx.op().ints(place.attribute)};
}

std::optional<std::size_t> rank_from_list(const InferContext& ctx, std::size_t slot) {
  const Shape* shape = ctx.shape(slot);
  if (shape == nullptr || shape->size() != 1 || (*shape)[0] < 0) return std::nullopt;
  const auto rank = static_cast<uint64_t>((*shape)[0]);
  if (rank > kMaxRank) return std::nullopt;
  return static_cast<std::size_t>(rank);
}

std::optional<std::vector<int>> same_axes(const RawOp& /*op*/, int rank) {
  if (rank < 0) return std::nullopt;
  std::vector<int> axes(static_cast<std::size_t>(rank));
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

}  // namespace narrowcast::ops

#include <algorithm>
#include <array>
#include <numeric>

#include "ops/order/order_eval.h"

namespace narrowcast::ops {
namespace {

struct Box {
  float top = 0;
  float left = 0;
  float bottom = 0;
  float right = 0;

  [[nodiscard]] float area() const { return (bottom - top) * (right - left); }
};

// Corners in either order as (y1, x1, y2, x2), or (x, y) of the centre, width and height.
Box read_box(const float* four, bool by_centre) {
  if (by_centre) {
    const float half_width = four[2] / 2.0F;
    const float half_height = four[3] / 2.0F;
    return {four[1] - half_height, four[0] - half_width, four[1] + half_height, four[0] + half_width};
  }
  return {std::min(four[0], four[2]), std::min(four[1], four[3]), std::max(four[0], four[2]),
          std::max(four[1], four[3])};
}

// Intersection over union above the threshold.
bool overlap(const Box& a, const Box& b, float threshold) {
  const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const float width = std::min(a.right, b.right) - std::max(a.left, b.left);
  if (!(height > 0) || !(width > 0)) return false;
  const float common = height * width;
  const float all = a.area() + b.area() - common;
  if (a.area() <= 0 || b.area() <= 0 || all <= 0) return false;
  return common / all > threshold;
}

struct Thresholds {
  std::size_t most = 0;
  float overlap = 0;
  float score = 0;
  bool has_score = false;
};

// Places of the boxes that stay, by falling score.
Result<std::vector<std::size_t>> suppress(EvalContext& ctx, const std::vector<Box>& boxes, const float* scores,
                                          const Thresholds& limits) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (!limits.has_score || scores[i] > limits.score) order.push_back(i);
  }
  // NaN, which passes where there is no threshold, goes last, so that the order is total.
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return scores[a] > scores[b] || (scores[a] == scores[a] && scores[b] != scores[b]);
  });
  std::vector<std::size_t> kept;
  for (const std::size_t candidate : order) {
    if (kept.size() >= limits.most) break;
    NC_CHECK(ctx.bodies().keep_going());
    const bool falls = std::ranges::any_of(
        kept, [&](std::size_t earlier) { return overlap(boxes[candidate], boxes[earlier], limits.overlap); });
    if (!falls) kept.push_back(candidate);
  }
  return kept;
}

Result<Thresholds> read_thresholds(const EvalContext& ctx) {
  for (const std::size_t slot : std::array<std::size_t, 3>{2, 3, 4}) {
    const bool fits = !ctx.present(slot) || (ctx.operand(slot).count() == 1 &&
                                             ctx.operand(slot).dtype == (slot == 2 ? DType::i64 : DType::f32));
    if (!fits) return fail(ErrorCode::malformed, "NonMaxSuppression: a limit is not one number.");
  }
  Thresholds limits;
  if (ctx.present(2)) limits.most = static_cast<std::size_t>(std::max<int64_t>(ctx.data<int64_t>(2)[0], 0));
  if (ctx.present(3)) limits.overlap = ctx.data<float>(3)[0];
  if (ctx.present(4)) limits.score = ctx.data<float>(4)[0];
  limits.has_score = ctx.present(4);
  return limits;
}

}  // namespace

Status eval_non_max_suppression(EvalContext& ctx) {
  const Tensor& boxes = ctx.operand(0);
  const Tensor& scores = ctx.operand(1);
  const bool fits = boxes.rank() == 3 && scores.rank() == 3 && boxes.shape[2] == 4 &&
                    boxes.shape[0] == scores.shape[0] && boxes.shape[1] == scores.shape[2] &&
                    boxes.dtype == DType::f32 && scores.dtype == DType::f32;
  if (!fits) return fail(ErrorCode::malformed, "NonMaxSuppression: boxes and scores do not fit each other.");
  NC_TRY(const Thresholds limits, read_thresholds(ctx));
  const bool by_centre = ctx.op().int_or("center_point_box", 0) != 0;
  const auto count = static_cast<std::size_t>(boxes.shape[1]);
  std::vector<int64_t> selected;
  for (int64_t batch = 0; batch < scores.shape[0]; ++batch) {
    std::vector<Box> corners(count);
    const float* four = boxes.as<float>() + static_cast<std::size_t>(batch) * count * 4;
    for (std::size_t i = 0; i < count; ++i) corners[i] = read_box(four + 4 * i, by_centre);
    for (int64_t label = 0; label < scores.shape[1]; ++label) {
      const float* row = scores.as<float>() + static_cast<std::size_t>(batch * scores.shape[1] + label) * count;
      NC_TRY(const std::vector<std::size_t> kept, suppress(ctx, corners, row, limits));
      for (const std::size_t box : kept) selected.insert(selected.end(), {batch, label, static_cast<int64_t>(box)});
    }
  }
  NC_TRY(Tensor* const y, ctx.make(0, DType::i64, {static_cast<int64_t>(selected.size() / 3), 3}));
  std::ranges::copy(selected, y->writable<int64_t>());
  return {};
}

}  // namespace narrowcast::ops

#include "ops/attention/attend.h"

#include <algorithm>

#include "kernels/gemm/gemm.h"
#include "kernels/lanes/unary.h"
#include "kernels/softmax/softmax.h"

namespace narrowcast::ops {
namespace {

using kernels::UnaryKind;

std::size_t offset(const HeadRows& rows, std::size_t b, std::size_t h) { return b * rows.batch + h * rows.head; }

void add_bias(const Attention& a, const ScoreBias& bias, std::size_t b, std::size_t h, float* scores) {
  if (bias.data == nullptr) return;
  for (std::size_t i = 0; i < a.queries; ++i) {
    const float* from = bias.data + b * bias.batch + h * bias.head + i * bias.row;
    for (std::size_t j = 0; j < a.keys; ++j) scores[i * a.keys + j] += from[j * bias.column];
  }
}

void shape_scores(const Attention& a, std::size_t b, std::size_t h, float* scores) {
  const std::size_t count = a.queries * a.keys;
  if (a.softcap > 0) {
    const kernels::UnaryF32 affine = kernels::unary_f32(UnaryKind::affine);
    affine(scores, scores, count, {1 / a.softcap, 0});
    kernels::unary_f32(UnaryKind::tanh)(scores, scores, count, {});
    affine(scores, scores, count, {a.softcap, 0});
  }
  for (const ScoreBias& bias : a.biases) add_bias(a, bias, b, h, scores);
  if (!a.seen) return;
  for (std::size_t i = 0; i < a.queries; ++i) {
    for (std::size_t j = i + *a.seen + 1; j < a.keys; ++j) scores[i * a.keys + j] += a.unseen;
  }
}

}  // namespace

Status attend(EvalContext& ctx, const Attention& a, float* y, const HeadRows& y_rows) {
  if (a.batch * a.heads * a.queries == 0) return {};
  const std::size_t key_floats = kernels::packed_gemm_floats(a.keys, a.depth);
  const std::size_t value_floats = kernels::packed_gemm_floats(a.value_depth, a.keys);
  NC_TRY(uint8_t* const of_scores, ctx.scratch(a.queries * a.keys * sizeof(float)));
  NC_TRY(uint8_t* const of_keys, ctx.scratch(key_floats * sizeof(float)));
  NC_TRY(uint8_t* const of_values, ctx.scratch(value_floats * sizeof(float)));
  auto* const scores = reinterpret_cast<float*>(of_scores);
  auto* const keys = reinterpret_cast<float*>(of_keys);
  auto* const values = reinterpret_cast<float*>(of_values);
  const std::vector<float> scale(a.keys, a.scale);
  for (std::size_t b = 0; b < a.batch; ++b) {
    NC_CHECK(ctx.bodies().keep_going());
    for (std::size_t h = 0; h < a.heads; ++h) {
      const std::size_t shared = h / (a.heads / a.key_heads);
      kernels::pack_gemm_f32(a.k.data + offset(a.k, b, shared), a.keys, a.depth, 1, a.k.row, scale.data(), keys);
      kernels::gemm_f32(a.queries, a.keys, a.depth, a.q.data + offset(a.q, b, h), a.q.row, keys, nullptr, scores,
                        a.keys, {});
      shape_scores(a, b, h, scores);
      kernels::softmax_f32(scores, a.queries, a.keys, 1, scores);
      kernels::pack_gemm_f32(a.v.data + offset(a.v, b, shared), a.value_depth, a.keys, a.v.row, 1, nullptr, values);
      kernels::gemm_f32(a.queries, a.value_depth, a.keys, scores, a.keys, values, nullptr, y + offset(y_rows, b, h),
                        y_rows.row, {});
    }
  }
  return {};
}

}  // namespace narrowcast::ops

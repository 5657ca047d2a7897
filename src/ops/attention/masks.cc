#include "ops/attention/masks.h"

#include <limits>

#include "ops/elements.h"
#include "ops/sizes.h"

namespace narrowcast::ops {
Result<ScoreBias> read_padding_mask(EvalContext& ctx, std::size_t slot, const Attention& a, float filter) {
  if (!ctx.present(slot)) return ScoreBias{};
  const Tensor& mask = ctx.operand(slot);
  const Shape& shape = mask.shape;
  const bool lengths = shape.size() == 1 && at(shape, 0) == a.batch;
  const bool flat = shape.size() == 2 && at(shape, 0) == a.batch && at(shape, 1) == a.keys;
  const bool full = shape.size() == 3 && at(shape, 0) == a.batch && at(shape, 1) == a.queries && at(shape, 2) == a.keys;
  if ((!lengths && !flat && !full) || (mask.dtype != DType::i32 && mask.dtype != DType::i64)) {
    return fail(ErrorCode::unsupported, ctx.op().type + " with a mask of " + std::string(dtype_name(mask.dtype)) + " " +
                                            shape_text(shape) + " does not run here.");
  }
  const std::size_t count = full ? mask.count() : a.batch * a.keys;
  NC_TRY(uint8_t* const bytes, ctx.scratch(count * sizeof(float)));
  auto* const data = reinterpret_cast<float*>(bytes);
  for (std::size_t i = 0; i < count; ++i) {
    const bool keeps = lengths ? static_cast<int64_t>(i % a.keys) < load_int(mask, i / a.keys) : load_int(mask, i) != 0;
    data[i] = keeps ? 0 : filter;
  }
  return full ? ScoreBias{data, a.queries * a.keys, 0, a.keys, 1} : ScoreBias{data, a.keys, 0, 0, 1};
}

Result<ScoreBias> read_score_bias(EvalContext& ctx, std::size_t slot, const Attention& a) {
  if (!ctx.present(slot)) return ScoreBias{};
  const Tensor& mask = ctx.operand(slot);
  const std::size_t wanted[4] = {a.batch, a.heads, a.queries, a.keys};
  std::size_t steps[4] = {};
  std::size_t step = 1;
  bool fits = mask.rank() <= 4 && (mask.dtype == DType::f32 || mask.dtype == DType::boolean);
  for (std::size_t i = 0; fits && i < mask.rank(); ++i) {
    const std::size_t size = at(mask.shape, mask.rank() - 1 - i);
    fits = size == 1 || size == wanted[3 - i];
    steps[3 - i] = size == 1 ? 0 : step;
    step *= size;
  }
  if (!fits) {
    return fail(ErrorCode::malformed, ctx.op().type + ": a mask of " + std::string(dtype_name(mask.dtype)) + " " +
                                          shape_text(mask.shape) + " does not fit the scores.");
  }
  const float* data = mask.as<float>();
  if (mask.dtype == DType::boolean) {
    NC_TRY(uint8_t* const bytes, ctx.scratch(mask.count() * sizeof(float)));
    auto* const bias = reinterpret_cast<float*>(bytes);
    for (std::size_t i = 0; i < mask.count(); ++i) {
      bias[i] = mask.as<uint8_t>()[i] != 0 ? 0 : -std::numeric_limits<float>::infinity();
    }
    data = bias;
  }
  return ScoreBias{data, steps[0], steps[1], steps[2], steps[3]};
}

}  // namespace narrowcast::ops

#include "rewrite/narrow_weight.h"

#include <algorithm>
#include <array>

#include "kernels/half/half.h"
#include "kernels/min_max/min_max.h"
#include "kernels/quantize_block/quantize_block.h"
#include "kernels/scale/scale.h"
#include "kernels/sqnr/sqnr.h"
#include "plan/cut.h"
#include "rewrite/code_generators.h"
#include "rewrite/float_source.h"

namespace narrowcast {
namespace {

using ChunkFloats = std::array<float, kChunkElements>;

struct Ranges {
  std::vector<float> min;
  std::vector<float> max;
  kernels::NonFinite non_finite;

  explicit Ranges(std::size_t channels) : min(channels, kernels::MinMax{}.min), max(channels, kernels::MinMax{}.max) {}

  void merge(std::size_t channel, const kernels::MinMax& part) {
    min[channel] = std::min(min[channel], part.min);
    max[channel] = std::max(max[channel], part.max);
    non_finite.nan_count += part.nan_count;
    non_finite.inf_count += part.inf_count;
  }
};

// A float16 source is read chunk by chunk, so that no float32 copy of it is ever whole.
Ranges measure_half(const FloatSource& floats, kernels::ChannelLayout layout) {
  Ranges ranges(layout.channels);
  ChunkFloats scratch;
  for (std::size_t start = 0; start < floats.size();) {
    const std::size_t run = std::min({layout.inner - start % layout.inner, kChunkElements});
    ranges.merge(start / layout.inner % layout.channels,
                 kernels::min_max_f32(floats.read(start, run, scratch.data()), run));
    start += run;
  }
  return ranges;
}

Ranges measure(const FloatSource& floats, kernels::ChannelLayout layout) {
  if (!floats.contiguous()) return measure_half(floats, layout);
  Ranges ranges(layout.channels);
  const std::size_t outer = floats.size() / (layout.channels * layout.inner);
  ranges.non_finite = kernels::min_max_f32_per_channel(floats.read(0, floats.size(), nullptr), outer, layout,
                                                       ranges.min.data(), ranges.max.data());
  return ranges;
}

FloatSource source_of(const Files& files, const ChannelCodes& codes) { return {files, codes.source, &codes.factors}; }
FloatSource source_of(const Files& files, const BlockCodes& codes) { return {files, codes.source}; }

// Signal to noise of widen(codes(x)) against x.
template <typename Codes>
double measure_sqnr(const Files& files, const Codes& codes) {
  const FloatSource floats = source_of(files, codes);
  kernels::SqnrSums sums;
  ChunkFloats scratch;
  ChunkFloats widened;
  alignas(int16_t) std::array<uint8_t, kChunkElements * sizeof(int16_t)> chunk;
  for (std::size_t start = 0; start < floats.size(); start += kChunkElements) {
    const std::size_t n = std::min(kChunkElements, floats.size() - start);
    codes.codes(files, start, n, chunk.data());
    codes.widen(chunk.data(), start, n, widened.data());
    kernels::accumulate_sqnr(floats.read(start, n, scratch.data()), widened.data(), n, sums);
  }
  return kernels::sqnr_db(kernels::sqnr_energy(sums));
}

std::unexpected<Error> not_finite(const std::string& name, const kernels::NonFinite& counts) {
  return fail(ErrorCode::unsupported,
              "The weight holds " + std::to_string(counts.nan_count) + " NaN and " + std::to_string(counts.inf_count) +
                  " infinite values, which no integer code stands for.",
              name);
}

kernels::CodeRange range_of(DType dtype) {
  switch (dtype) {
    case DType::u8:
      return kernels::kU8;
    case DType::u4:
      return kernels::kU4;
    case DType::i4:
      return kernels::kI4;
    case DType::i16:
      return kernels::kI16;
    default:
      return kernels::kI8;
  }
}

// Symmetric codes spread over -127..127 (-7..7), so that the largest magnitude of either sign is reached exactly; those
// of torch over all that they have (onnx.md 2).
kernels::CodeRange spread_of(const WeightPlan& plan) {
  constexpr kernels::CodeRange kI4Narrow{-7, 7};
  const DType dtype = plan.dtype;
  if (plan.reduce_range && dtype == DType::i8) return kernels::kI8Reduced;
  if (plan.reduce_range && dtype == DType::u8) return kernels::kU8Reduced;
  if (!plan.is_symmetric || plan.formula == kernels::Formula::torch) return range_of(dtype);
  if (dtype == DType::i8) return kernels::kI8Narrow;
  if (dtype == DType::i16) return kernels::kI16Narrow;
  return dtype == DType::i4 ? kI4Narrow : range_of(dtype);
}

// The bias of channel c is stored in int32 with the product of the operands' scales: a scale too small for that is
// raised. onnx.md 1.2: the least product is 1.0001 * 2 |bias| / (2^32 - 2).
// TFLite (tflite.md 1.1): |bias| may reach half of int32's largest code.
void raise_for_biases(const Model& model, const WeightPlan& plan, std::vector<double>& scales) {
  const bool is_tflite = model.format->name == "tflite";
  constexpr double kCodes = 4294967294.0;
  constexpr double kLargest = 2147483647.0 / 2;
  for (const BiasPlan& bias : plan.biases) {
    const std::vector<float> values = read_floats(model.files, *model.graph[bias.source].constant);
    const bool by_channel = scales.size() == values.size();
    if ((!by_channel && scales.size() != 1) || bias.dtype == DType::i64) continue;
    for (std::size_t c = 0; c < values.size(); ++c) {
      double& scale = scales[by_channel ? c : 0];
      const auto magnitude = static_cast<double>(values[c] < 0 ? -values[c] : values[c]);
      const double least = is_tflite ? magnitude / kLargest : 1.0001 * 2 * magnitude / kCodes;
      const double product = static_cast<double>(bias.activation_scale) * scale;
      if (product > 0 && product < least) scale = static_cast<float>(scale * (least / product));
    }
  }
}

Result<NarrowedWeight> narrow_channels(const Model& model, const WeightPlan& plan) {
  const Value& value = model.graph[plan.source];
  const kernels::Formula formula = plan.formula;
  const Ranges ranges = measure(FloatSource(model.files, *value.constant, &plan.factors), plan.channels);
  if (ranges.non_finite.nan_count + ranges.non_finite.inf_count > 0) return not_finite(value.name, ranges.non_finite);
  // The symmetric codes of unsigned types centre on 128, not on 0.
  const bool has_zero_points = !plan.is_symmetric || plan.dtype == DType::u8 || plan.dtype == DType::u16;
  NarrowedWeight narrowed;
  for (std::size_t c = 0; c < plan.channels.channels; ++c) {
    const auto found = kernels::compute_scale_zero_point(ranges.min[c], ranges.max[c], spread_of(plan),
                                                         plan.is_symmetric, formula, kernels::RangeOf::weight);
    narrowed.scales.push_back(found.scale);
    if (has_zero_points) narrowed.zero_points.push_back(found.zero_point);
  }
  if (plan.given) {
    narrowed.scales = {static_cast<double>(plan.given->scale)};
    narrowed.zero_points = {plan.given->zero_point};
  }
  raise_for_biases(model, plan, narrowed.scales);
  ChannelCodes codes{.source = *value.constant,
                     .dtype = plan.dtype,
                     .layout = plan.channels,
                     .spec = {range_of(plan.dtype), kernels::rounding_of(formula)},
                     .scales = narrowed.scales,
                     .zero_points = narrowed.zero_points,
                     .factors = plan.factors};
  narrowed.sqnr_db = measure_sqnr(model.files, codes);
  for (std::size_t c = 0; c < plan.result_factors.size(); ++c) {
    narrowed.scales[c] = static_cast<float>(narrowed.scales[c] * static_cast<double>(plan.result_factors[c]));
  }
  if (!plan.is_transposed) {
    narrowed.codes = make_generator(std::move(codes));
    return narrowed;
  }
  const Shape& shape = value.constant->shape;
  const auto rank = static_cast<int>(shape.size());
  narrowed.codes =
      make_transposed_generator(std::move(codes), count_elements(shape, 0, rank - 2),
                                count_elements(shape, rank - 2, rank - 1), count_elements(shape, rank - 1, rank));
  return narrowed;
}

// Scales of a block plan, slice by slice of whole blocks when the source has to be converted first.
void compute_block_scales(const FloatSource& floats, const WeightPlan& plan, NarrowedWeight& narrowed) {
  const kernels::BlockLayout& layout = plan.blocks;
  const bool is_unsigned = plan.dtype == DType::u4;
  narrowed.block_scales.resize(layout.parameters());
  if (is_unsigned) narrowed.block_zero_points.resize(layout.parameters());
  std::vector<float> scratch;
  for (std::size_t o = 0; o < layout.outer; ++o) {
    for (std::size_t b = 0; b < layout.blocks(); ++b) {
      const std::size_t k = std::min(layout.block_size, layout.k - b * layout.block_size);
      const kernels::BlockLayout one{.outer = 1, .k = k, .inner = layout.inner, .block_size = layout.block_size};
      if (!floats.contiguous()) scratch.resize(one.elements());
      const std::size_t start = (o * layout.k + b * layout.block_size) * layout.inner;
      const void* x = floats.read(start, one.elements(), scratch.data());
      const std::size_t parameter = (o * layout.blocks() + b) * layout.inner;
      if (is_unsigned) {
        kernels::compute_block_scales_f32_u4(x, one, &narrowed.block_scales[parameter],
                                             &narrowed.block_zero_points[parameter]);
      } else {
        kernels::compute_block_scales_f32_i4(x, one, &narrowed.block_scales[parameter]);
      }
    }
  }
}

Result<NarrowedWeight> narrow_blocks(const Model& model, const WeightPlan& plan) {
  const Value& value = model.graph[plan.source];
  const FloatSource floats(model.files, *value.constant);
  const Ranges whole = measure(floats, {1, floats.size()});
  if (whole.non_finite.nan_count + whole.non_finite.inf_count > 0) return not_finite(value.name, whole.non_finite);
  NarrowedWeight narrowed;
  compute_block_scales(floats, plan, narrowed);
  BlockCodes codes{.source = *value.constant,
                   .dtype = plan.dtype,
                   .layout = plan.blocks,
                   .scales = narrowed.block_scales,
                   .zero_points = narrowed.block_zero_points};
  narrowed.sqnr_db = measure_sqnr(model.files, codes);
  narrowed.codes = plan.by_column ? make_matmul_nbits_generator(std::move(codes)) : make_generator(std::move(codes));
  return narrowed;
}

NarrowedWeight narrow_half(const Model& model, const WeightPlan& plan) {
  const Constant& constant = *model.graph[plan.source].constant;
  const FloatSource floats(model.files, constant);
  NarrowedWeight narrowed;
  kernels::SqnrSums sums;
  std::array<uint16_t, kChunkElements> halves;
  ChunkFloats widened;
  for (std::size_t start = 0; start < floats.size(); start += kChunkElements) {
    const std::size_t n = std::min(kChunkElements, floats.size() - start);
    const void* x = floats.read(start, n, nullptr);
    const auto clamped = kernels::convert_f32_f16_clamped(x, n, halves.data());
    kernels::convert_f16_f32(halves.data(), n, widened.data());
    kernels::accumulate_sqnr(x, widened.data(), n, sums);
    narrowed.clamped += clamped.too_large + clamped.too_small;
    narrowed.too_large += clamped.too_large;
  }
  narrowed.sqnr_db = kernels::sqnr_db(kernels::sqnr_energy(sums));
  narrowed.codes = make_half_generator(constant);
  return narrowed;
}

}  // namespace

Result<NarrowedWeight> narrow_weight(const Model& model, const WeightPlan& plan) {
  if (plan.dtype == DType::f16) return narrow_half(model, plan);
  return plan.cut == Cut::per_block ? narrow_blocks(model, plan) : narrow_channels(model, plan);
}

}  // namespace narrowcast

#include "plan/equalize.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/math/sqrt.h"
#include "passes/float_constant.h"
#include "plan/cut.h"

namespace narrowcast {
namespace {

constexpr float kHeadroom = 1.25F;  // samples do not show the largest number of every channel
// Before samples say otherwise a channel is taken to reach as far as all do, as if so many numbers had shown it.
constexpr double kPrior = 256;
constexpr double kLeastFactor = 1 / 256.0;  // a channel that samples hardly move keeps codes all the same
constexpr double kPeakToRms = 4;            // of a channel's numbers, whose power calibration does not measure
constexpr double kWeightCodes = 127;
constexpr double kWorthIt = 0.9;  // less noise to gain is not worth the file's bytes
// A zero point that suits most channels may not take more of the codes of the one that reaches farthest.
constexpr double kMostCoarser = 2;

struct Bounds {
  double low = 0;   // <= 0
  double high = 0;  // >= 0
};

std::vector<Bounds> bounds_of(const calib::ChannelRanges& channels, const calib::Range& whole) {
  std::vector<Bounds> bounds(channels.min.size());
  for (std::size_t c = 0; c < bounds.size(); ++c) {
    const float low = std::max(std::min(channels.min[c], 0.0F) * kHeadroom, whole.min);
    const float high = std::min(std::max(channels.max[c], 0.0F) * kHeadroom, whole.max);
    bounds[c] = {std::min(low, 0.0F), std::max(high, 0.0F)};
  }
  return bounds;
}

// The least scale that holds both ends on the codes around a zero point; nothing when none does.
std::optional<double> least_scale(const Bounds& bounds, kernels::CodeRange codes, int32_t zero_point) {
  const int32_t above = codes.max - zero_point;
  const int32_t below = zero_point - codes.min;
  if ((above == 0 && bounds.high > 0) || (below == 0 && bounds.low < 0)) return std::nullopt;
  const double up = above == 0 ? 0 : bounds.high / above;
  const double down = below == 0 ? 0 : -bounds.low / below;
  return std::max(up, down);
}

}  // namespace

// Scales as they would be if nothing but the activation's own rounding counted.
struct Equalizer::Scales {
  std::vector<Bounds> bounds;
  double trust = 0;           // in what samples show of a channel, 0 to 1
  std::vector<double> least;  // by channel
  int32_t zero_point = 0;

  // Around the zero point of `zeros` that gives the least noise, `costs` being what a channel's noise counts; false
  // when each would have some channel far above `limit`, the scale that all have now.
  bool choose(const std::vector<double>& costs, kernels::CodeRange codes, kernels::CodeRange zeros, double limit) {
    Scales best = *this;
    double least_noise = std::numeric_limits<double>::infinity();
    for (zero_point = zeros.min; zero_point <= zeros.max; ++zero_point) {
      least.clear();
      for (const Bounds& channel : bounds) {
        const auto scale = least_scale(channel, codes, zero_point);
        if (!scale || *scale > limit * kMostCoarser) break;
        least.push_back(*scale);
      }
      if (least.size() < bounds.size() || !(whole() > 0)) continue;
      double noise = 0;
      const double most = whole();
      for (std::size_t c = 0; c < least.size(); ++c) {
        const double scale = part_of(least[c], most) * most;
        noise += costs[c] * scale * scale;
      }
      if (!(noise < least_noise)) continue;
      least_noise = noise;
      best = *this;
    }
    *this = std::move(best);
    return !least.empty();
  }

  // What a channel's scale is of the whole one, as far as samples are trusted.
  [[nodiscard]] double part_of(double scale, double most) const {
    return std::max(1 - trust * (1 - scale / most), kLeastFactor);
  }
  [[nodiscard]] double whole() const { return *std::ranges::max_element(least); }
  // By channel: its part of the whole scale, to a power of quarters / 4.
  [[nodiscard]] std::vector<double> parts(int quarters) const {
    const double most = whole();
    std::vector<double> parts;
    for (const double scale : least) {
      const double part = part_of(scale, most);
      const double root = math::sqrt(part);
      const std::array<double, 5> powers{1, math::sqrt(root), root, root * math::sqrt(root), part};
      parts.push_back(powers[static_cast<std::size_t>(quarters)]);
    }
    return parts;
  }
};

// A constant weight of one node, seen as outputs by summed channels.
struct Equalizer::Weight {
  NodeId node;
  std::size_t outputs = 0;
  std::size_t channels = 0;  // of one group
  std::size_t groups = 1;
  std::size_t output_inner = 1;  // elements of one output that lie together
  ElementFactors layout;         // without factors
  // Read from the elements:
  std::vector<double> energy;  // by channel of all groups: the sum of squares
  std::vector<float> peaks;    // [outputs, channels]: the largest magnitude

  [[nodiscard]] std::size_t group_of(std::size_t output) const { return output / (outputs / groups); }

  // False when not all are finite.
  bool read(const std::vector<float>& floats) {
    energy.assign(channels * groups, 0);
    peaks.assign(outputs * channels, 0);
    for (std::size_t i = 0; i < floats.size(); ++i) {
      const std::size_t output = i / output_inner % outputs;
      const std::size_t channel = i / layout.inner % channels;
      const float w = floats[i];
      if (w - w != 0) return false;
      energy[group_of(output) * channels + channel] += static_cast<double>(w) * static_cast<double>(w);
      float& peak = peaks[output * channels + channel];
      peak = std::max(peak, w < 0 ? -w : w);
    }
    return true;
  }

  // The noise that the weights' own rounding adds, when channels are multiplied by `parts`, up to a factor of 1 / 12.
  [[nodiscard]] double rounding(const std::vector<double>& parts, const std::vector<Bounds>& bounds) const {
    double noise = 0;
    // Of an output and a channel; in one group there are outputs / groups * channels such pairs.
    const std::size_t taps = layout.group * groups / (outputs * channels);
    for (std::size_t o = 0; o < outputs; ++o) {
      const std::size_t first = group_of(o) * channels;
      double peak = 0;
      double power = 0;
      for (std::size_t c = 0; c < channels; ++c) {
        const double part = parts[first + c];
        const double rms = (bounds[first + c].high - bounds[first + c].low) / kPeakToRms;
        peak = std::max(peak, static_cast<double>(peaks[o * channels + c]) * part);
        power += rms * rms / (part * part);
      }
      noise += peak * peak / (kWeightCodes * kWeightCodes) * power * static_cast<double>(taps);
    }
    return noise;
  }
};

Equalizer::Equalizer(const PlanContext& context, const Target& target, const IntegerNodes& nodes)
    : context_(context), graph_(context.graph()), target_(target), nodes_(nodes), factors_(graph_.nodes.size()) {}

// Nothing when it is no weight of the node's own with a scale for each output.
std::optional<Equalizer::Weight> Equalizer::weight_of(NodeId id) const {
  const Node& node = graph_[id];
  const NodeChoice& choice = nodes_.of(id);
  if (choice.fate != NodeFate::integer || choice.data != std::vector<uint32_t>{0}) return std::nullopt;
  if (choice.stored.empty() || choice.stored.front() != 1 || node.op.type == "ConvTranspose") return std::nullopt;
  if (context_.uses.role(id, 1) != ops::Role::weight || node.op.int_or("transA", 0) != 0) return std::nullopt;
  const Value& value = graph_[node.inputs[1]];
  const auto& uses = context_.uses.of(node.inputs[1]);
  if (context_.uses.readers(node.inputs[1]).size() != 1 || uses.size() != 1 || !uses[0].axes) return std::nullopt;
  const Shape& shape = value.constant->shape;
  if (node.op.type == "MatMul" && shape.size() != 2) return std::nullopt;
  if (!context_.rules.settings(id, value.name).per_channel) return std::nullopt;
  const auto output_axis = static_cast<std::size_t>(uses[0].axes->channel);
  const auto channel_axis = static_cast<std::size_t>(uses[0].axes->reduce_begin);
  const auto rank = static_cast<int>(shape.size());
  Weight weight{.node = id,
                .outputs = static_cast<std::size_t>(shape[output_axis]),
                .channels = static_cast<std::size_t>(shape[channel_axis]),
                .groups = static_cast<std::size_t>(std::max<int64_t>(node.op.int_or("group", 1), 1)),
                .output_inner = count_elements(shape, uses[0].axes->channel + 1, rank)};
  if (weight.outputs == 0 || weight.outputs % weight.groups != 0) return std::nullopt;
  weight.layout = {{},
                   weight.channels,
                   count_elements(shape, uses[0].axes->reduce_begin + 1, rank),
                   count_elements(shape, 0, rank) / weight.groups};
  return weight;
}

// Whether the node surely computes in float: where all that it reads comes out of codes and all that it makes is
// turned into codes, runtimes may still put a kernel for integers, which takes one scale for all.
bool Equalizer::is_free(NodeId id) const {
  const Node& node = graph_[id];
  if (nodes_.of(id).fate != NodeFate::in_float) return false;
  if (std::ranges::find(target_.passes_pairs, node.op.type) != target_.passes_pairs.end()) return false;
  const auto is_coded = [&](ValueId value) { return !value || graph_[value].constant || nodes_.is_coded(value); };
  return !std::ranges::all_of(node.inputs, is_coded) || !std::ranges::all_of(node.outputs, is_coded);
}

void Equalizer::equalize(ActivationPlan& activation, const calib::ChannelRanges& channels, kernels::CodeRange codes,
                         bool is_symmetric) {
  const auto& shape = context_.type(activation.value).shape;
  const auto axis = shape ? axis_in(channels.axis, shape->size()) : std::nullopt;
  if (!axis || activation.like != activation.value || activation.at_border || channels.min.size() < 2) return;
  if (dtype_bits(activation.dtype) != 8 || activation.readers.empty()) return;
  if (channels.evidence < kPrior) return;  // samples show too little to tell channels apart
  Scales scales{bounds_of(channels, activation.chosen), channels.evidence / (channels.evidence + kPrior), {}, 0};
  const kernels::CodeRange zeros =
      is_symmetric ? kernels::CodeRange{activation.zero_point, activation.zero_point} : codes;
  const auto choose = [&](const std::vector<double>& costs) {
    return scales.choose(costs, codes, zeros, static_cast<double>(activation.scale));
  };
  const std::size_t count = scales.bounds.size();
  if (activation.maker) {
    if (is_read_in_float(activation, count) && choose(std::vector<double>(count, 1))) equalize_made(activation, scales);
  } else {
    std::vector<Weight> weights = weights_of_readers(activation, count);
    std::vector<double> costs(count, 0);
    for (const Weight& weight : weights) {
      for (std::size_t c = 0; c < count; ++c) costs[c] += weight.energy[c];
    }
    if (!weights.empty() && choose(costs)) equalize_read(activation, scales, weights);
  }
  if (!activation.channel_scales.empty()) activation.channel_axis = static_cast<int64_t>(*axis);
}

// Empty where one of them has no weight that can take factors, or what makes the value may be joined to the pair.
std::vector<Equalizer::Weight> Equalizer::weights_of_readers(const ActivationPlan& activation,
                                                             std::size_t channels) const {
  const NodeId producer = graph_[activation.value].producer;
  if (producer && !is_free(producer)) return {};
  std::vector<Weight> weights;
  for (const Use& use : activation.readers) {
    auto weight = use.slot == 0 && use.node ? weight_of(use.node) : std::nullopt;
    if (!weight || weight->channels * weight->groups != channels) return {};
    const auto floats = float_constant(context_.model.files, graph_[graph_[use.node].inputs[1]]);
    if (!floats || !weight->read(*floats)) return {};
    weights.push_back(std::move(*weight));
  }
  return weights;
}

// Made in float, read as codes: the readers' weights take what the scales differ by.
void Equalizer::equalize_read(ActivationPlan& activation, const Scales& scales, std::vector<Weight>& weights) {
  const double step = scales.whole();
  const auto noise_of = [&](const std::vector<double>& parts, double scale) {
    double noise = 0;
    for (const Weight& weight : weights) {
      for (std::size_t c = 0; c < parts.size(); ++c) noise += weight.energy[c] * parts[c] * parts[c] * scale * scale;
      noise += weight.rounding(parts, scales.bounds);
    }
    return noise;
  };
  const std::vector<double> none(scales.least.size(), 1);
  double least = kWorthIt * noise_of(none, static_cast<double>(activation.scale));
  std::vector<double> best;
  for (const int quarters : {1, 2, 3, 4}) {
    std::vector<double> parts = scales.parts(quarters);
    const double noise = noise_of(parts, step);
    if (!(noise < least)) continue;
    least = noise;
    best = std::move(parts);
  }
  if (best.empty()) return;
  activation.scale = static_cast<float>(step);
  activation.zero_point = scales.zero_point;
  std::vector<float> factors;
  for (const double part : best) {
    factors.push_back(static_cast<float>(part));
    activation.channel_scales.push_back(activation.scale * factors.back());
  }
  for (Weight& weight : weights) {
    weight.layout.factors = factors;
    factors_[weight.node.index].weight = std::move(weight.layout);
  }
}

// Whether the maker's weight has a scale for each channel, and nobody reads the codes.
bool Equalizer::is_read_in_float(const ActivationPlan& activation, std::size_t channels) const {
  const auto weight = weight_of(activation.maker);
  return weight && weight->outputs == channels && std::ranges::all_of(activation.readers, [&](const Use& use) {
           return !use.node || (!nodes_.reads_codes(use) && is_free(use.node));
         });
}

// Made as codes, read in float: the scales of the maker's weights, one an output, take what the scales differ by.
void Equalizer::equalize_made(ActivationPlan& activation, const Scales& scales) {
  double noise = 0;
  const std::vector<double> parts = scales.parts(4);
  for (const double part : parts) noise += part * part * scales.whole() * scales.whole();
  const auto before = static_cast<double>(activation.scale);
  if (!(noise < kWorthIt * before * before * static_cast<double>(parts.size()))) return;
  activation.scale = static_cast<float>(scales.whole());
  activation.zero_point = scales.zero_point;
  std::vector<float>& factors = factors_[activation.maker.index].result;
  for (const double part : parts) {
    const auto factor = static_cast<float>(part);
    activation.channel_scales.push_back(activation.scale * factor);
    factors.push_back(1 / factor);
  }
}

}  // namespace narrowcast

// Scales by channel where codes meet floats. An op that computes in integers takes one scale for all of an activation,
// but the QuantizeLinear before it and the DequantizeLinear behind it can have one a channel: its weights are then
// multiplied by what the channels' scales differ by, and the op computes the same. Channels of small range keep more of
// their codes. What is known as equalization (Nagel et al., "Data-Free Quantization through Weight Equalization and
// Bias Correction", 2019; Xiao et al., "SmoothQuant", 2022), without an op more.
#pragma once

#include <vector>

#include "calib/range.h"
#include "kernels/quantize/quantize.h"
#include "plan/context.h"
#include "plan/integer_nodes.h"
#include "plan/plan.h"

namespace narrowcast {

// What the constant weight of a node, and the scales of what comes of it, are multiplied by.
struct NodeFactors {
  ElementFactors weight;
  std::vector<float> result;
};

class Equalizer {
 public:
  // All must outlive it.
  Equalizer(const PlanContext& context, const Target& target, const IntegerNodes& nodes);

  // Gives the activation scales by channel where that lessens the noise of what is computed from it. Its range is
  // chosen, and `codes` are those that it spreads over; zero points stay where they are when it is symmetric.
  void equalize(ActivationPlan& activation, const calib::ChannelRanges& channels, kernels::CodeRange codes,
                bool is_symmetric);
  [[nodiscard]] const NodeFactors& of(NodeId node) const { return factors_[node.index]; }

 private:
  struct Weight;
  struct Scales;

  [[nodiscard]] std::optional<Weight> weight_of(NodeId node) const;
  [[nodiscard]] bool is_free(NodeId node) const;
  [[nodiscard]] std::vector<Weight> weights_of_readers(const ActivationPlan& activation, std::size_t channels) const;
  [[nodiscard]] bool is_read_in_float(const ActivationPlan& activation, std::size_t channels) const;
  void equalize_read(ActivationPlan& activation, const Scales& scales, std::vector<Weight>& weights);
  void equalize_made(ActivationPlan& activation, const Scales& scales);

  const PlanContext& context_;
  const Graph& graph_;
  const Target& target_;
  const IntegerNodes& nodes_;
  std::vector<NodeFactors> factors_;  // by node
};

}  // namespace narrowcast

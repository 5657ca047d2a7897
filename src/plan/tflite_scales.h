// Which values of a TFLite model share a scale. Kernels that only move or compare codes want them alike.
#pragma once

#include <vector>

#include "plan/tflite_nodes.h"

namespace narrowcast {

class TfliteScales {
 public:
  explicit TfliteScales(const PlanContext& context, const TfliteNodes& nodes);

  // Whose scale and zero point the value has where it is codes.
  [[nodiscard]] ValueId root(ValueId value) const;
  // Whose scale and zero point the reader of codes wants.
  [[nodiscard]] ValueId wanted(const Use& use) const;

 private:
  void adopt(NodeId join);
  [[nodiscard]] bool is_read_once(ValueId value, ValueId until) const;
  [[nodiscard]] ValueId selected_from(ValueId value) const;

  const PlanContext& context_;
  const Graph& graph_;
  const TfliteNodes& nodes_;
  std::vector<ValueId> adopted_;  // by value: whose parameters it has instead of its own
};

}  // namespace narrowcast

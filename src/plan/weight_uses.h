// Who uses which constant as a weight, directly or through ops that only view or move its elements.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "ops/op.h"

namespace narrowcast {

struct WeightUse {
  Use use;
  std::optional<ops::WeightAxes> axes;  // in the source's axes; nothing when its elements were moved on the way
};

class WeightUses {
 public:
  // `facts` by value, as infer_types gives them.
  WeightUses(const Graph& graph, const std::vector<ops::ValueFact>& facts);

  // In the order of the nodes that want the constant.
  [[nodiscard]] const std::vector<WeightUse>& of(ValueId source) const { return by_source_[source.index]; }
  // The constants that an operand is made of; empty when it is made at run time.
  [[nodiscard]] const std::vector<ValueId>& sources(NodeId node, std::size_t slot) const;
  [[nodiscard]] ops::Role role(NodeId node, std::size_t slot) const;
  [[nodiscard]] const ops::Rule& rule(NodeId node) const { return operands_[node.index].rule; }
  [[nodiscard]] const std::vector<Use>& readers(ValueId value) const { return uses_[value.index]; }

  // Where a constant read at `reader` ends up other than as a weight; nothing when it only becomes weights.
  [[nodiscard]] std::optional<std::string> strays(const Use& reader) const;

 private:
  void add_node(NodeId id, const std::vector<ops::ValueFact>& facts);
  std::optional<std::string> strays(const Use& reader, std::vector<ValueId>& seen) const;

  struct Operands {
    ops::Rule rule;
    std::vector<std::vector<ValueId>> sources;  // by slot
  };

  const Graph& graph_;
  std::vector<std::vector<Use>> uses_;             // by value
  std::vector<Operands> operands_;                 // by node
  std::vector<std::vector<WeightUse>> by_source_;  // by value
};

}  // namespace narrowcast

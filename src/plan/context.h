// What every planner asks about one model.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/format.h"
#include "ops/op.h"
#include "plan/capability.h"
#include "plan/recipe.h"
#include "plan/rule_book.h"
#include "plan/weight_uses.h"

namespace narrowcast {

class PlanContext {
 public:
  // Both must outlive the context. Shapes that contradict each other are the runtime's to judge: then what the file
  // declares counts, and `warning` says so.
  PlanContext(const Model& of, const Recipe& wish);

  [[nodiscard]] const Graph& graph() const { return model.graph; }
  [[nodiscard]] const TensorType& type(ValueId value) const { return facts[value.index].type; }
  [[nodiscard]] std::string why_not_selected(NodeId node, std::string_view weight) const {
    return rules.why_not_selected(node, weight);
  }
  // The first node of `scope` that one of the readers is, or lies inside of.
  [[nodiscard]] NodeId first_reader(ScopeId scope, std::span<const Use> readers) const;

  const Model& model;
  const Recipe& recipe;
  Capability capability;
  std::string warning;
  std::vector<ops::ValueFact> facts;  // by value
  WeightUses uses;
  RuleBook rules;

 private:
  std::vector<uint32_t> position_;  // by node: place in its scope
};

}  // namespace narrowcast

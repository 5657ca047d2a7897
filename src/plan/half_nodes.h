// Which nodes of a graph compute in float16, and which operands and results of them are float16 then.
#pragma once

#include <string>
#include <vector>

#include "plan/context.h"

namespace narrowcast {

class HalfNodes {
 public:
  explicit HalfNodes(const PlanContext& context);

  [[nodiscard]] DType dtype(ValueId value) const { return dtypes_[value.index]; }
  [[nodiscard]] bool is_half(NodeId node) const { return reasons_[node.index].empty(); }
  // Why it does not compute in float16; empty when it does.
  [[nodiscard]] const std::string& why_not(NodeId node) const { return reasons_[node.index]; }
  // What an operand is read as: float16, float32, or whatever it is.
  enum class Wish : uint8_t { half, full, either };
  [[nodiscard]] Wish wish(const Use& use) const;
  // Whether the node makes its result as float16.
  [[nodiscard]] bool makes_half(NodeId node, std::size_t result) const;

 private:
  void find_types();
  void judge(NodeId id);
  [[nodiscard]] bool is_float(ValueId value) const { return value && dtypes_[value.index] == DType::f32; }
  [[nodiscard]] bool is_count(const Node& node) const;
  [[nodiscard]] std::string why_not_of_op(const Node& node) const;
  [[nodiscard]] std::string why_not_of_values(const Node& node) const;

  const PlanContext& context_;
  const Graph& graph_;
  std::vector<DType> dtypes_;         // by value
  std::vector<bool> counts_;          // by value: numbers that were made of int32 or int64, such as sizes
  std::vector<std::string> reasons_;  // by node
};

}  // namespace narrowcast

#include "plan/whole_in_integers.h"

#include <algorithm>

#include "ops/elements.h"

namespace narrowcast {

Status check_whole_in_integers(const PlanContext& context, const Plan& plan) {
  if (plan.recipe.mode != Mode::integer_only) return {};
  const Graph& graph = context.graph();
  const auto is_float = [&](ValueId value) { return value && ops::is_real(context.type(value).dtype); };
  std::string list;
  std::size_t count = 0;
  std::string first;
  for (const NodeVerdict& verdict : plan.nodes) {
    const Node& node = graph[verdict.node];
    const bool touches = std::ranges::any_of(node.inputs, is_float) || std::ranges::any_of(node.outputs, is_float);
    if (verdict.verdict == Verdict::quantized || !touches) continue;
    if (count++ == 0) first = graph.label(verdict.node);
    list += "\n  " + graph.label(verdict.node) + " (" + node.op.type + "): " + verdict.reason;
  }
  if (count == 0) return {};
  return fail(ErrorCode::unsupported,
              "The model cannot be integers only: " + std::to_string(count) +
                  (count == 1 ? " op computes" : " ops compute") + " in float. Choose full-integer." + list,
              first);
}

}  // namespace narrowcast

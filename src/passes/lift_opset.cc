#include "passes/lift_opset.h"

#include <algorithm>

#include "ops/lift.h"
#include "passes/infer_types.h"

namespace narrowcast {
namespace {

constexpr int64_t kFirstOpset = 7;                // the first that runtimes still compute
constexpr int64_t kIrVersion = 7;                 // of the release that brought the opset we lift to
constexpr int64_t kFirstIrWithFreeConstants = 4;  // before, every constant is a graph input too
constexpr std::size_t kMostNamed = 5;

struct Obstacles {
  std::vector<std::string> sentences;
  void add(std::string sentence) {
    if (std::ranges::find(sentences, sentence) == sentences.end()) sentences.push_back(std::move(sentence));
  }
  [[nodiscard]] std::string text() const {
    std::string text;
    for (std::size_t i = 0; i < std::min(sentences.size(), kMostNamed); ++i) {
      text += (text.empty() ? "" : "; ") + sentences[i];
    }
    const std::size_t rest = sentences.size() - std::min(sentences.size(), kMostNamed);
    return rest == 0 ? text : text + "; and " + std::to_string(rest) + " more";
  }
};

// The steps of one node, which may become another op on the way.
void lift_node(EditLog& log, const std::vector<ops::ValueFact>& facts, NodeId id, int64_t version,
               Obstacles& obstacles) {
  const Graph& graph = log.graph();
  while (version < ops::kLiftTarget) {
    const ops::OpDef* op = ops::find_op(graph[id].op);
    if (op == nullptr) return obstacles.add("op " + graph[id].op.type + " is not known");
    const auto step = std::ranges::find_if(op->lifts, [&](const ops::LiftStep& s) { return s.to > version; });
    if (step == op->lifts.end()) return;
    const std::string type = graph[id].op.type;
    ops::LiftContext context(log, facts, id, "opset " + std::to_string(step->to) + " spells " + type + " so");
    if (const Status status = step->apply(context); !status) {
      return obstacles.add(type + " '" + graph.label(id) + "': " + status.error().message);
    }
    version = step->to;
  }
}

Obstacles lift_nodes(EditLog& log, const std::vector<ops::ValueFact>& facts, int64_t from) {
  Obstacles obstacles;
  for (std::size_t scope = 0; scope < log.graph().scopes.size(); ++scope) {
    const std::vector<NodeId> nodes = log.graph().scopes[scope].nodes;  // steps insert others
    for (const NodeId id : nodes) {
      if (log.graph()[id].op.domain.empty()) lift_node(log, facts, id, from, obstacles);
    }
  }
  return obstacles;
}

void raise_ir_version(EditLog& log) {
  const Graph& graph = log.graph();
  const int64_t old = graph.ir_version;
  if (old >= kIrVersion) return;
  log.set_ir_version(kIrVersion, "opset " + std::to_string(ops::kLiftTarget) + " belongs to it");
  if (old >= kFirstIrWithFreeConstants) return;
  for (std::size_t i = 0; i < graph.scopes.size(); ++i) {
    const std::vector<ValueId> inputs = graph.scopes[i].inputs;
    for (const ValueId input : inputs) {
      if (input && graph[input].constant) {
        log.drop_graph_input(ScopeId(i), input, "from IR version 4 on a constant that is an input can be replaced");
      }
    }
  }
}

std::vector<ops::ValueFact> facts_of(const Graph& graph, const Files& files) {
  if (auto facts = infer_types(graph, files)) return std::move(*facts);
  std::vector<ops::ValueFact> declared(graph.values.size());
  for (std::size_t i = 0; i < declared.size(); ++i) declared[i].type = graph.values[i].type;
  return declared;
}

}  // namespace

OpsetLift lift_opset(EditLog& log, const Files& files, bool has_functions, const std::string& reason) {
  const int64_t from = log.graph().opset("");
  OpsetLift lift{.from = from, .to = from};
  if (from >= ops::kLiftTarget) return lift;
  if (from < kFirstOpset) {
    lift.why_not = "its opset is older than " + std::to_string(kFirstOpset);
    return lift;
  }
  if (has_functions) {
    lift.why_not = "it defines ops of its own, whose bodies are of that opset too";
    return lift;
  }
  const std::vector<ops::ValueFact> facts = facts_of(log.graph(), files);
  // First on a copy: what cannot be raised as a whole stays untouched.
  Graph copy = log.graph();
  EditLog trial(copy);
  if (const Obstacles obstacles = lift_nodes(trial, facts, from); !obstacles.sentences.empty()) {
    lift.why_not = obstacles.text();
    return lift;
  }
  lift_nodes(log, facts, from);
  log.set_opset("", ops::kLiftTarget, reason);
  raise_ir_version(log);
  lift.to = ops::kLiftTarget;
  return lift;
}

}  // namespace narrowcast

// The neutral graph that both formats are read into. Ids are dense and never reused; names are attributes.
// Only the edit log (ir/edit_log.h) changes a graph once it has been read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ir/payload.h"
#include "ir/quant_params.h"
#include "ir/raw_op.h"

namespace narrowcast {

struct TensorType {
  DType dtype = DType::unknown;
  std::optional<Shape> shape;  // nothing: the rank is not known either

  friend bool operator==(const TensorType&, const TensorType&) = default;
};

struct Value {
  std::string name;
  ScopeId scope;
  TensorType type;
  std::vector<std::string> dim_names;      // as declared ("batch"); empty, or one per axis
  NodeId producer;                         // none: a graph input, a constant, or an absent value
  std::optional<Constant> constant;        // wherever it stands in the file: initializer, Constant node, buffer
  std::optional<QuantParams> quant;        // TFLite: the tensor's own parameters
  bool is_sparse = false;                  // the payload is not dense; carried along, never narrowed
  std::shared_ptr<const Generator> dense;  // of a sparse one: its elements spelt out; null when they cannot be
};

struct Node {
  std::string name;
  ScopeId scope;
  RawOp op;
  std::vector<ValueId> inputs;  // none where an optional input is left out
  std::vector<ValueId> outputs;
  std::vector<ScopeId> bodies;  // If, Loop, Scan, IF, WHILE
  bool dropped = false;
};

// A graph or the body of a control-flow node. ONNX bodies see the values of the scopes around them.
struct Scope {
  std::string name;
  ScopeId parent;
  NodeId owner;  // the node whose body this is; none for a main graph
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::vector<NodeId> nodes;  // in the file's order, dropped ones taken out
};

struct OpsetImport {
  std::string domain;
  int64_t version = 0;
};

struct Metadata {
  std::string key;
  std::string value;
};

// TFLite: a named entry point. ONNX models have one without a name.
struct Signature {
  std::string key;
  ScopeId scope;
  std::vector<std::pair<std::string, ValueId>> inputs;
  std::vector<std::pair<std::string, ValueId>> outputs;
};

class Graph {
 public:
  std::vector<Node> nodes;
  std::vector<Value> values;
  std::vector<Scope> scopes;  // 0 is the main graph; TFLite files can have several main graphs
  std::vector<OpsetImport> opsets;
  std::vector<Metadata> metadata;
  std::vector<Signature> signatures;
  int64_t ir_version = 0;
  std::string producer;

  [[nodiscard]] Node& operator[](NodeId id) { return nodes[id.index]; }
  [[nodiscard]] const Node& operator[](NodeId id) const { return nodes[id.index]; }
  [[nodiscard]] Value& operator[](ValueId id) { return values[id.index]; }
  [[nodiscard]] const Value& operator[](ValueId id) const { return values[id.index]; }
  [[nodiscard]] Scope& operator[](ScopeId id) { return scopes[id.index]; }
  [[nodiscard]] const Scope& operator[](ScopeId id) const { return scopes[id.index]; }

  ValueId add_value(Value value);
  NodeId add_node(Node node);  // sets the producer of its outputs; the caller puts it in its scope's order
  ScopeId add_scope(Scope scope);

  // Version of an opset the model imports; 0 when it does not.
  [[nodiscard]] int64_t opset(std::string_view domain) const;
  // What to call the node in a message: its name, or its first output's.
  [[nodiscard]] std::string label(NodeId id) const;
  // True when `inner` is `outer` or lies inside it.
  [[nodiscard]] bool encloses(ScopeId outer, ScopeId inner) const;
};

// One place where a value is read: operand `slot` of a node, or, with no node, result `slot` of its scope.
struct Use {
  NodeId node;
  uint32_t slot = 0;
  ScopeId scope;  // of the node, or whose output it is

  friend bool operator==(const Use&, const Use&) = default;
};

// Uses of every value, indexed by value; in the order of nodes, then graph outputs.
std::vector<std::vector<Use>> collect_uses(const Graph& graph);

}  // namespace narrowcast

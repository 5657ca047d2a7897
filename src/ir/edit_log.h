// The only way to change a graph that was read from a file. Every edit carries its reason; the writers derive from
// the log which records of the file change, and everything else is passed through untouched.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace narrowcast {

enum class EditKind : uint8_t {
  insert_node,
  drop_node,
  set_input,
  set_output,
  set_attribute,
  set_op,
  set_version,
  add_constant,
  set_constant,
  drop_constant,
  set_type,
  set_opset,
  set_ir_version,
  set_graph_input,
  drop_graph_input,
  set_graph_output,
  set_metadata,
};

std::string_view edit_kind_name(EditKind kind);

// What changed; the new state is in the graph. Unused fields keep their defaults.
struct Edit {
  EditKind kind = EditKind::insert_node;
  std::string reason = {};
  NodeId node = {};
  ValueId value = {};
  ScopeId scope = {};
  uint32_t slot = 0;
  std::string key = {};  // attribute name, opset domain or metadata key
};

class EditLog {
 public:
  explicit EditLog(Graph& graph) : graph_(&graph) {}

  // Inserts a node in front of `before` (none: at the end of the scope). Its inputs must be visible there.
  // `outputs` are new values; their scope is set here.
  NodeId insert_node(ScopeId scope, NodeId before, Node node, std::vector<Value> outputs, std::string reason);
  // The node's outputs must have no uses left.
  void drop_node(NodeId node, std::string reason);
  // A slot beyond the last one makes the list longer (ONNX).
  void set_input(NodeId node, uint32_t slot, ValueId value, std::string reason);
  // Makes the node produce `value` in place of its old output. Two nodes can swap outputs so: in between, one value has
  // two who name it.
  void set_output(NodeId node, uint32_t slot, ValueId value, std::string reason);
  // A monostate removes the attribute.
  void set_attribute(NodeId node, std::string name, AttributeValue value, std::string reason);
  // ONNX: the node becomes an op of another type, of the same domain.
  void set_op(NodeId node, std::string type, std::string reason);
  // TFLite: the version of the node's operator code. ONNX nodes have that of their opset.
  void set_version(NodeId node, int version, std::string reason);

  ValueId add_constant(ScopeId scope, std::string name, Constant constant, std::optional<QuantParams> quant,
                       std::string reason);
  // Replaces what a constant holds; its name, place and uses stay.
  void set_constant(ValueId value, Constant constant, std::optional<QuantParams> quant, std::string reason);
  // The constant must have no uses left.
  void drop_constant(ValueId value, std::string reason);

  void set_type(ValueId value, TensorType type, std::string reason);
  // TFLite: the tensor's own parameters too; nothing: it has none any more.
  void set_type(ValueId value, TensorType type, std::optional<QuantParams> quant, std::string reason);
  // Adds the import when the model has none of this domain. The domain's nodes are of this version from now on.
  void set_opset(std::string domain, int64_t version, std::string reason);
  // ONNX. A model that reaches 4 must not list constants among its inputs unless a caller may replace them.
  void set_ir_version(int64_t version, std::string reason);
  void set_graph_input(ScopeId scope, uint32_t slot, ValueId value, std::string reason);
  // The value is a constant that was listed among the inputs too; those behind it move up.
  void drop_graph_input(ScopeId scope, ValueId value, std::string reason);
  void set_graph_output(ScopeId scope, uint32_t slot, ValueId value, std::string reason);
  void set_metadata(std::string key, std::string value, std::string reason);

  // `base`, or base_1, base_2... when the scope, one around it or one inside it already uses that name.
  [[nodiscard]] std::string unique_name(const std::string& base);

  [[nodiscard]] std::span<const Edit> edits() const { return edits_; }
  [[nodiscard]] bool empty() const { return edits_.empty(); }
  [[nodiscard]] Graph& graph() { return *graph_; }
  [[nodiscard]] const Graph& graph() const { return *graph_; }

 private:
  void record(Edit edit) { edits_.push_back(std::move(edit)); }

  Graph* graph_;
  std::vector<Edit> edits_;
  std::vector<std::string> names_;  // sorted; every value and node name, filled on first use
};

// The log by record: what a writer asks while it walks the file.
struct EditIndex {
  explicit EditIndex(const EditLog& log);

  struct NodeEdits {
    bool inserted = false;
    bool dropped = false;
    bool op_set = false;
    bool version_set = false;
    std::vector<uint32_t> inputs;  // slots, ascending
    std::vector<uint32_t> outputs;
    std::vector<std::string> attributes;
    [[nodiscard]] bool touched() const { return op_set || !inputs.empty() || !outputs.empty() || !attributes.empty(); }
  };
  struct ValueEdits {
    bool constant_added = false;
    bool constant_set = false;
    bool constant_dropped = false;
    bool type_set = false;
    bool input_dropped = false;
  };
  struct ScopeEdits {
    bool changed = false;  // itself or anything below it
    std::vector<uint32_t> inputs;
    std::vector<uint32_t> outputs;
  };

  std::vector<NodeEdits> nodes;  // indexed by id
  std::vector<ValueEdits> values;
  std::vector<ScopeEdits> scopes;
  std::vector<std::string> opset_domains;
  std::vector<std::string> metadata_keys;
  bool ir_version_set = false;
};

}  // namespace narrowcast

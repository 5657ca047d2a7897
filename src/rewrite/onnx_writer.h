// Nodes and constants that the rewriters of ONNX files put beside one value.
#pragma once

#include <string>

#include "ir/edit_log.h"
#include "rewrite/readers.h"

namespace narrowcast {

class OnnxWriter {
 public:
  // New names begin with `about`'s; new nodes stand in its scope, in front of `anchor`.
  OnnxWriter(EditLog& log, ValueId about, NodeId anchor, std::string reason)
      : log_(log),
        opset_(log.graph().opset("")),
        scope_(log.graph()[about].scope),
        name_(log.graph()[about].name),
        anchor_(anchor),
        reason_(std::move(reason)) {}

  // A node of one result, which is called after the value and `suffix`.
  NodeId insert_node(std::string domain, std::string type, std::vector<ValueId> inputs,
                     std::vector<Attribute> attributes, std::string_view suffix, TensorType result);
  ValueId insert(std::string domain, std::string type, std::vector<ValueId> inputs, std::vector<Attribute> attributes,
                 std::string_view suffix, DType dtype, Shape shape) {
    const NodeId node = insert_node(std::move(domain), std::move(type), std::move(inputs), std::move(attributes),
                                    suffix, {dtype, std::move(shape)});
    return log_.graph()[node].outputs[0];
  }

  template <typename T>
  ValueId add(std::string_view suffix, DType dtype, Shape shape, const std::vector<T>& elements) {
    return add_constant(suffix, make_constant(dtype, std::move(shape), elements));
  }
  ValueId add_constant(std::string_view suffix, Constant constant) {
    return log_.add_constant(scope_, log_.unique_name(name_ + std::string(suffix)), std::move(constant), std::nullopt,
                             reason_);
  }
  // One element, as a scalar of an integer type.
  ValueId add_code(std::string_view suffix, DType dtype, int32_t code);

  // The domain whose QuantizeLinear and DequantizeLinear take these codes: ONNX's own from the opset that has what is
  // needed, else com.microsoft, whose import is added.
  std::string quantization_domain(DType codes, bool needs_axis);
  void use_microsoft();

 protected:
  EditLog& log_;
  int64_t opset_;
  ScopeId scope_;
  std::string name_;
  NodeId anchor_;
  std::string reason_;
};

}  // namespace narrowcast

#pragma once

#include <functional>

#include "formats/onnx/records.h"
#include "ir/raw_op.h"

namespace narrowcast::onnx {

// Reads an AttributeProto. Graphs are handed to `read_graph`, in file order.
Result<Attribute> read_attribute(const Files& files, Span body,
                                 const std::function<Result<ScopeId>(Span graph)>& read_graph);

// The attribute as an AttributeProto field of a node. Tensors and graphs are not written: no edit makes them.
void append_attribute(Rope& node, const Attribute& attribute);

}  // namespace narrowcast::onnx

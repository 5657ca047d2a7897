#include "formats/onnx/function.h"

#include "formats/onnx/attribute.h"
#include "formats/onnx/records.h"

namespace narrowcast::onnx {
namespace {

namespace function_field {
enum : uint32_t { name = 1, input = 4, output = 5, node = 7, opset_import = 9, domain = 10, attribute_proto = 11 };
}

constexpr uint32_t kValueInfoName = 1;

std::string bytes_of_field(uint32_t number, std::string_view body) {
  Rope rope;
  append_bytes_field(rope, number, body);
  Bytes bytes(static_cast<std::size_t>(rope.size()));
  rope.read({}, 0, bytes);
  return {bytes.begin(), bytes.end()};
}

struct Parts {
  std::string graph;
  std::string imports;
};

// Re-tags the function's records as those of a graph and a model.
Status collect(ByteView file, const Field& field, Parts& parts, Function& function) {
  const std::string_view body = text_of(file, field.body);
  switch (field.number) {
    case function_field::name:
      function.name = body;
      return {};
    case function_field::domain:
      function.domain = body == "ai.onnx" ? "" : body;
      return {};
    case function_field::input:
      parts.graph += bytes_of_field(graph_field::input, bytes_of_field(kValueInfoName, body));
      return {};
    case function_field::output:
      parts.graph += bytes_of_field(graph_field::output, bytes_of_field(kValueInfoName, body));
      return {};
    case function_field::node:
      parts.graph += bytes_of_field(graph_field::node, body);
      return {};
    case function_field::opset_import:
      parts.imports += bytes_of_field(model_field::opset_import, body);
      return {};
    case function_field::attribute_proto: {
      const auto no_graph = [](Span) -> Result<ScopeId> {
        return fail(ErrorCode::unsupported, "A function's attribute defaults to a graph, which is not read.");
      };
      NC_TRY(Attribute attribute, read_attribute({{"", file}}, field.body, no_graph));
      // The value must not point into the model's file: the function has bytes of its own.
      if (!std::holds_alternative<Constant>(attribute.value)) function.defaults.push_back(std::move(attribute));
      return {};
    }
    default:
      return {};
  }
}

}  // namespace

Result<Function> read_function(ByteView file, Span body) {
  Function function;
  Parts parts;
  FieldReader reader(file, body);
  while (!reader.done()) {
    NC_TRY(const Field field, reader.next());
    if (field.type == WireType::bytes) NC_CHECK(collect(file, field, parts, function));
  }
  const std::string model = parts.imports + bytes_of_field(model_field::graph, parts.graph);
  function.bytes = std::make_shared<const Bytes>(model.begin(), model.end());
  NC_TRY(Model inner, read({{function.name, *function.bytes}}));
  function.graph = std::move(inner.graph);
  return function;
}

}  // namespace narrowcast::onnx

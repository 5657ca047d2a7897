#include "rewrite/external_data.h"

namespace narrowcast {

uint32_t data_file_of(const Value& value) {
  const Span* span = value.constant ? std::get_if<Span>(&value.constant->payload) : nullptr;
  return span == nullptr ? 0 : span->file;
}

namespace {

// Tensors in attributes are no values that could move; those of Constant nodes are.
void keep_attribute_files(const Graph& graph, std::vector<bool>& kept) {
  for (const Node& node : graph.nodes) {
    if (node.op.type == "Constant") continue;
    for (const Attribute& attribute : node.op.attributes) {
      const auto* constant = std::get_if<Constant>(&attribute.value);
      const Span* span = constant != nullptr ? std::get_if<Span>(&constant->payload) : nullptr;
      if (span != nullptr && span->file < kept.size()) kept[span->file] = true;
    }
  }
}

}  // namespace

std::vector<uint32_t> move_external_constants(EditLog& log, const std::vector<bool>& narrowed) {
  std::vector<bool> kept = narrowed;
  kept.flip();
  for (std::size_t i = 0; i < log.graph().values.size(); ++i) {
    const Value& value = log.graph().values[i];
    const uint32_t file = data_file_of(value);
    if (file == 0 || !narrowed[file]) continue;
    if (value.is_sparse || value.constant->dtype == DType::unknown) {
      kept[file] = true;
    } else {
      log.set_constant(ValueId(i), *value.constant, value.quant, "it moves along with the weights of its data file");
    }
  }
  keep_attribute_files(log.graph(), kept);
  std::vector<uint32_t> list;
  for (uint32_t i = 1; i < kept.size(); ++i) {
    if (kept[i]) list.push_back(i);
  }
  return list;
}

}  // namespace narrowcast

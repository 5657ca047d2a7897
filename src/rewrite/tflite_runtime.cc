#include <algorithm>
#include <array>
#include <charconv>

#include "ops/op.h"
#include "rewrite/tflite_code_version.h"
#include "rewrite/tflite_weights.h"

namespace narrowcast {
namespace {

constexpr std::string_view kKey = "min_runtime_version";

using Version = std::array<int, 3>;

// "2.7.0"; what is not a number counts as 0.
Version parse_version(std::string_view text) {
  Version version{};
  for (int& part : version) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), part);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.starts_with('.')) break;
    text.remove_prefix(1);
  }
  return version;
}

}  // namespace

void raise_runtime_version(EditLog& log) {
  const Graph& graph = log.graph();
  const auto entry = std::ranges::find(graph.metadata, kKey, &Metadata::key);
  if (entry == graph.metadata.end()) return;
  // The value is padded with zeros in the file.
  std::string_view newest = std::string_view(entry->value).substr(0, entry->value.find('\0'));
  std::string_view because;
  for (const Edit& edit : log.edits()) {
    if (edit.kind != EditKind::insert_node && edit.kind != EditKind::set_version) continue;
    const RawOp& op = graph[edit.node].op;
    const ops::OpDef* known = ops::find_op(op);
    const bool is_told = known != nullptr && known->tflite_runtime != nullptr;
    const std::string_view needed =
        is_told ? known->tflite_runtime(op.version) : tflite_code_runtime(op.type, op.version);
    if (parse_version(needed) > parse_version(newest)) {
      newest = needed;
      because = op.type;
    }
  }
  if (!because.empty()) {
    log.set_metadata(std::string(kKey), std::string(newest), std::string(because) + " needs it as it is now");
  }
}

}  // namespace narrowcast

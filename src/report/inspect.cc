#include "report/inspect.h"

#include <algorithm>
#include <map>

#include "exec/program.h"
#include "ops/op.h"
#include "passes/inline_functions.h"
#include "report/json.h"
#include "report/report.h"

namespace narrowcast {
namespace {

Json value_entry(const Value& value) {
  Json entry{{"name", value.name}, {"dtype", dtype_name(value.type.dtype)}, {"shape", shape_json(value.type.shape)}};
  if (!value.dim_names.empty()) entry["dim_names"] = value.dim_names;
  return entry;
}

Json value_list(const Graph& graph, const std::vector<ValueId>& ids) {
  Json list = Json::array();
  for (const ValueId id : ids) {
    // Older ONNX files list their initializers among the inputs; nobody feeds those.
    if (id && !graph[id].constant) list.push_back(value_entry(graph[id]));
  }
  return list;
}

struct Weights {
  uint64_t parameters = 0;
  uint64_t float_bytes = 0;
  uint64_t other_bytes = 0;
};

Weights count_weights(const Graph& graph) {
  Weights weights;
  for (const Value& value : graph.values) {
    if (!value.constant) continue;
    const DType dtype = value.constant->dtype;
    const bool is_float = dtype == DType::f32 || dtype == DType::f16 || dtype == DType::bf16 || dtype == DType::f64;
    const uint64_t bytes = payload_length(value.constant->payload);
    (is_float ? weights.float_bytes : weights.other_bytes) += bytes;
    if (is_float)
      weights.parameters += static_cast<uint64_t>(std::max<int64_t>(0, element_count(value.constant->shape)));
  }
  return weights;
}

Json op_list(const Graph& graph) {
  std::map<std::pair<std::string, std::string>, std::size_t> counts;
  for (const Node& node : graph.nodes) ++counts[{node.op.domain, node.op.type}];
  Json list = Json::array();
  for (const auto& [name, count] : counts) {
    list.push_back({{"domain", name.first},
                    {"type", name.second},
                    {"count", count},
                    {"known", ops::find_op(name.first, name.second) != nullptr}});
  }
  return list;
}

// What keeps the model from running: each op once, with how often it occurs and its first node.
Json missing_list(const Model& model) {
  // The model's own functions run by what they are made of. When they cannot be inlined, they do not run.
  const auto inlined = inline_functions(model.graph, model.files, model.functions);
  const Graph& graph = inlined ? inlined->graph : model.graph;
  std::map<std::string, std::pair<std::size_t, NodeId>> counts;
  for (const exec::MissingOp& missing : exec::missing_ops(graph)) {
    ++counts.try_emplace(missing.op, 0, missing.node).first->second.first;
  }
  Json list = Json::array();
  for (const auto& [op, found] : counts) {
    list.push_back({{"op", op}, {"count", found.first}, {"node", graph.label(found.second)}});
  }
  return list;
}

Json named_list(const Graph& graph, const std::vector<std::pair<std::string, ValueId>>& tensors) {
  Json list = Json::array();
  for (const auto& [name, id] : tensors) {
    if (!id) continue;
    Json entry{{"name", name}, {"tensor", graph[id].name}};
    entry["dtype"] = dtype_name(graph[id].type.dtype);
    entry["shape"] = shape_json(graph[id].type.shape);
    list.push_back(std::move(entry));
  }
  return list;
}

Json signature_list(const Graph& graph) {
  Json list = Json::array();
  for (const Signature& signature : graph.signatures) {
    Json entry{{"key", signature.key},
               {"graph", signature.scope.index},
               {"inputs", named_list(graph, signature.inputs)},
               {"outputs", named_list(graph, signature.outputs)}};
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

Json inspect_model(const Model& model) {
  const Graph& graph = model.graph;
  uint64_t bytes = 0;
  Json external = Json::array();
  for (std::size_t i = 0; i < model.files.size(); ++i) {
    bytes += model.files[i].bytes.size();
    if (i > 0) external.push_back(model.files[i].name);
  }
  const Weights weights = count_weights(graph);
  Json opsets = Json::array();
  for (const OpsetImport& opset : graph.opsets) {
    opsets.push_back({{"domain", opset.domain}, {"version", opset.version}});
  }
  return {{"schema_version", 1},
          {"format", model.format->name},
          {"bytes", bytes},
          {"producer", graph.producer},
          {"opsets", std::move(opsets)},
          {"inputs", graph.scopes.empty() ? Json::array() : value_list(graph, graph.scopes[0].inputs)},
          {"outputs", graph.scopes.empty() ? Json::array() : value_list(graph, graph.scopes[0].outputs)},
          {"signatures", signature_list(graph)},
          {"graphs", graph.scopes.size()},
          {"nodes", graph.nodes.size()},
          {"parameters", weights.parameters},
          {"float_bytes", weights.float_bytes},
          {"other_constant_bytes", weights.other_bytes},
          {"already_quantized", is_quantized(graph)},
          {"external_files", std::move(external)},
          {"ops", op_list(graph)},
          {"missing_ops", missing_list(model)}};
}

Json forecast_list(const std::vector<Forecast>& forecasts) {
  Json list = Json::array();
  for (const Forecast& forecast : forecasts) {
    list.push_back({{"target", forecast.target},
                    {"verified", forecast.verified},
                    {"integer_nodes", forecast.fastest},
                    {"integer_kernels", forecast.possible},
                    {"nodes", forecast.nodes}});
  }
  return list;
}

}  // namespace narrowcast

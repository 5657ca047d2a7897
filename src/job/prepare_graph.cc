#include "job/prepare_graph.h"

#include <algorithm>

#include "job/job.h"
#include "passes/eliminate_identities.h"
#include "passes/fold_affine_into_weights.h"
#include "passes/fold_gemm_factors.h"
#include "passes/spell_out_sparse.h"
#include "plan/half_planner.h"
#include "plan/target.h"

namespace narrowcast {
namespace {

// Products whose weights MatMulInteger could take, were there a DynamicQuantizeLinear beside it.
bool has_products(const Graph& graph) {
  return std::ranges::any_of(graph.nodes, [&](const Node& node) {
    const bool is_product = node.op.type == "MatMul" || node.op.type == "Gemm";
    return is_product && node.inputs.size() > 1 && node.inputs[1] && graph[node.inputs[1]].constant;
  });
}

// Sparse constants stay where they only cost their size. Integer kernels read dense ones; and runtimes that unpack them
// for a delegate lose them where ops that are not the delegate's stand between.
bool asks_dense(const Recipe& recipe) {
  if (recipe.mode != Mode::dynamic_range) return is_integer(recipe.mode);
  const Target* target = find_target(recipe.target, "tflite");
  return recipe.weights == DType::i4 || (target != nullptr && !target->sparse);
}

OpsetLift lift(EditLog& log, const Model& model, Mode mode) {
  constexpr int64_t kFirstWithDynamicQuantizeLinear = 11;
  const Graph& graph = log.graph();
  if (model.format->name != "onnx") return {};
  const int64_t opset = graph.opset("");
  const auto lift = [&](const char* reason) { return lift_opset(log, model.files, !model.functions.empty(), reason); };
  if (is_integer(mode)) return lift("pairs by channel are of opset 13");
  if (mode == Mode::dynamic_range && opset < kFirstWithDynamicQuantizeLinear && has_products(graph)) {
    return lift("DynamicQuantizeLinear is of opset 11");
  }
  return {.from = opset, .to = opset, .why_not = {}};
}

}  // namespace

// Shapes that contradict each other are the planner's to report.
OpsetLift prepare_graph(EditLog& log, const Model& model, const Recipe& recipe) {
  OpsetLift lifted = lift(log, model, recipe.mode);
  // Memory stays in proportion to the file, however many zeros it leaves out.
  constexpr uint64_t kMostTimes = 8;
  if (model.format->name == "tflite" && asks_dense(recipe)) {
    std::ignore = spell_out_sparse(log, model.files, kMostTimes * model.files.front().bytes.size());
  }
  const bool folds = is_integer(recipe.mode) ? model.format->name == "onnx" : computes_in_half(model, recipe);
  if (!folds) return lifted;
  eliminate_identities(log);
  fold_gemm_factors(log, model.files);
  std::ignore = fold_affine_into_weights(log, model.files);
  return lifted;
}

Result<std::vector<std::string>> watched_names(const Files& files, std::string_view recipe_text) {
  NC_TRY(const Recipe recipe, parse_recipe(recipe_text));
  NC_TRY(Model model, read_model(files));
  const std::size_t given = model.graph.values.size();
  EditLog log(model.graph);
  prepare_graph(log, model, recipe);
  NC_TRY(const std::vector<ValueId> values, watched_values(model, recipe));
  std::vector<std::string> names;
  for (const ValueId value : values) {
    // What the edits put between is not in the model that runs on the samples.
    if (value.index < given) names.push_back(model.graph[value].name);
  }
  return names;
}

}  // namespace narrowcast

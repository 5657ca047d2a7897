#include "job/prepare_graph.h"

#include "job/job.h"
#include "passes/fold_affine_into_weights.h"

namespace narrowcast {

// Shapes that contradict each other are the planner's to report.
void prepare_graph(EditLog& log, const Files& files, const Recipe& recipe) {
  if (is_integer(recipe.mode)) std::ignore = fold_affine_into_weights(log, files);
}

Result<std::vector<std::string>> watched_names(const Files& files, std::string_view recipe_text) {
  NC_TRY(const Recipe recipe, parse_recipe(recipe_text));
  NC_TRY(Model model, read_model(files));
  EditLog log(model.graph);
  prepare_graph(log, model.files, recipe);
  NC_TRY(const std::vector<ValueId> values, watched_values(model, recipe));
  std::vector<std::string> names;
  for (const ValueId value : values) names.push_back(model.graph[value].name);
  return names;
}

}  // namespace narrowcast

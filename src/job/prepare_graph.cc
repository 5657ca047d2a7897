#include "job/prepare_graph.h"

#include "job/job.h"
#include "passes/fold_affine_into_weights.h"

namespace narrowcast {

// Shapes that contradict each other are the planner's to report.
void prepare_graph(EditLog& log, const Files& files, const Recipe& recipe) {
  if (is_integer(recipe.mode)) std::ignore = fold_affine_into_weights(log, files);
}

Result<std::vector<ValueId>> values_to_watch(const Files& files, const Recipe& recipe) {
  NC_TRY(Model model, read_model(files));
  EditLog log(model.graph);
  prepare_graph(log, model.files, recipe);
  return watched_values(model, recipe);
}

}  // namespace narrowcast

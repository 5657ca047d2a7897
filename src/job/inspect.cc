#include "report/inspect.h"

#include "job/job.h"
#include "job/prepare_graph.h"
#include "plan/forecast.h"

namespace narrowcast {

Result<std::string> inspect(const Files& files) {
  NC_TRY(Model model, read_model(files));
  Json json = inspect_model(model);
  // Targets are asked about the graph as it would be quantized.
  EditLog log(model.graph);
  prepare_graph(log, model, {.mode = Mode::full_integer});
  json["targets"] = forecast_list(forecast_targets(model));
  return dump(json);
}

}  // namespace narrowcast

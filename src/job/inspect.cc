#include "job/job.h"
#include "job/prepare_graph.h"
#include "plan/forecast.h"
#include "report/report.h"

namespace narrowcast {

Result<std::string> inspect(const Files& files) {
  NC_TRY(Model model, read_model(files));
  const std::string described = inspect_json(model);
  // Targets are asked about the graph as it would be quantized.
  EditLog log(model.graph);
  prepare_graph(log, model, {.mode = Mode::full_integer});
  return with_forecasts(described, forecast_targets(model));
}

}  // namespace narrowcast

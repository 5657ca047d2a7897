// What a model is, before anything is done to it, as JSON.
#pragma once

#include <vector>

#include "base/json.h"
#include "formats/format.h"
#include "plan/forecast.h"

namespace narrowcast {

Json inspect_model(const Model& model);
Json forecast_list(const std::vector<Forecast>& forecasts);

}  // namespace narrowcast

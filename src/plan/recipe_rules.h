// The parts of a recipe that speak of some nodes or values only.
#pragma once

#include "base/json.h"
#include "plan/recipe.h"

namespace narrowcast::recipe {

// `rules` and `values`, as README states them. Errors: usage, naming the entry ("rules[1].depth").
Result<std::vector<NodeRule>> read_rules(const Json& json);
Result<std::vector<ValueRule>> read_values(const Json& json);

}  // namespace narrowcast::recipe

// Whether a plan made for one target would be slower than float on another.
#pragma once

#include <string>

#include "plan/integer_nodes.h"

namespace narrowcast {

// A warning for users of `there` when what `nodes` have in integers takes over 5 % longer there than in float, by the
// measured costs of the ops that have such figures; empty when it does not.
std::string slowdown_warning(const PlanContext& context, const IntegerNodes& nodes, const Target& there);

}  // namespace narrowcast

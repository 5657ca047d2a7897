#pragma once

#include <string_view>

#include "plan/plan.h"

namespace narrowcast {

// The ranges of a range file, chosen for a recipe's activations, by the values of the graph that they are about.
// Errors: those of calib::Ranges::read; calibration, when the file is about another model; usage, when the file's
// method cannot serve the recipe's activations.
Result<KnownRanges> known_ranges(const Model& model, const Recipe& recipe, std::string_view range_file);

}  // namespace narrowcast

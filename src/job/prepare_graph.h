#pragma once

#include "ir/edit_log.h"
#include "plan/plan.h"

namespace narrowcast {

// Edits that a mode gains by, before anything is planned.
void prepare_graph(EditLog& log, const Files& files, const Recipe& recipe);

// The activations whose ranges the recipe needs, once the graph is prepared; they are there in the given one too.
// Errors: those of read_model and make_plan.
Result<std::vector<ValueId>> values_to_watch(const Files& files, const Recipe& recipe);

}  // namespace narrowcast

#pragma once

#include "ir/edit_log.h"
#include "plan/plan.h"

namespace narrowcast {

// Edits that a mode gains by, before anything is planned.
void prepare_graph(EditLog& log, const Files& files, const Recipe& recipe);

}  // namespace narrowcast

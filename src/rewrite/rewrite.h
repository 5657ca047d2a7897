// Applies a plan to a graph, through its edit log, in the way the file's format and opset ask for.
#pragma once

#include "ir/edit_log.h"
#include "plan/plan.h"
#include "rewrite/narrow_weight.h"

namespace narrowcast {

// Replaces one planned weight by its codes and has its readers read what a new op widens them to.
Status rewrite_weight(EditLog& log, const Model& model, const WeightPlan& plan, const NarrowedWeight& narrowed,
                      Style style);

// Once, after the last weight: what the file says of itself follows from the edits.
void finish_rewrite(EditLog& log, const Model& model);

}  // namespace narrowcast

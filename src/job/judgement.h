// What comparisons of samples come to, in figures.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace narrowcast {

// `states`: a JSON list of texts that Comparison::observed() gave, of all workers in any order; samples are folded in
// the order of their indices, so that the figures do not depend on who ran which.
//
// options: {"labels": {sample index: class, or list of them}, "min_sqnr": dB, "max_drop": points}, each may be left
// out.
//
// {"samples", "sqnr_db": of the worst output, "outputs": [{"name", "sqnr_db", "max_error", "signal_power",
// "noise_power", "elements", "decisions", "same"}], "accuracy": {"output", "labels", "before", "after"} with labels,
// "values": [{"scope", "name", "sqnr_db", "max_error", "signal_power", "noise_power", "elements", "share_clipped"}],
// worst first, "failed": [sentence]: the gates that were not passed}. Powers are means over elements. sqnr_db is null
// where there is no noise; "unlike" counts elements, where there are any, that are finite in one of the models only, of
// another shape, or not made at all: sqnr_db is then null as well, and the gate of min_sqnr fails.
// max_drop is about the accuracy where there are labels, in points of percent, else about the decisions of the output
// where the fewest stay the same.
// Errors: malformed; usage, also for labels that fit no output.
Result<std::string> judge(std::string_view states, std::string_view options);

}  // namespace narrowcast

// Masks of attention as numbers that are added to the scores.
#pragma once

#include "ops/attention/attend.h"

namespace narrowcast::ops {

// com.microsoft: integers, 0 where `filter` is to be added: [batch, keys] or [batch, queries, keys]; or [batch], the
// number of keys. Errors: unsupported, for other masks.
Result<ScoreBias> read_padding_mask(EvalContext& ctx, std::size_t slot, const Attention& attention, float filter);
// Float32, or booleans, where false means -inf; broadcasts to [batch, heads, queries, keys].
// Errors: malformed, when it does not.
Result<ScoreBias> read_score_bias(EvalContext& ctx, std::size_t slot, const Attention& attention);

}  // namespace narrowcast::ops

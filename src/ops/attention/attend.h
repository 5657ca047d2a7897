// Attention of queries to keys and values, head by head, wherever their rows lie.
#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// Rows of one head: row i of head h of batch entry b starts at data + b * batch + h * head + i * row.
struct HeadRows {
  const float* data = nullptr;
  std::size_t batch = 0, head = 0, row = 0;
};

// Added to the scores; steps are 0 where it is the same for all.
struct ScoreBias {
  const float* data = nullptr;  // or none
  std::size_t batch = 0, head = 0, row = 0, column = 0;
};

struct Attention {
  std::size_t batch = 0, heads = 0, key_heads = 0;  // heads: a multiple of key_heads, which neighbours share
  std::size_t queries = 0, keys = 0;
  std::size_t depth = 0, value_depth = 0;
  float scale = 1;
  float softcap = 0;                // scores become softcap * tanh(score / softcap); 0: they stay
  std::optional<std::size_t> seen;  // causal: query i sees keys [0, i + seen]; others get `unseen`
  float unseen = 0;
  HeadRows q, k, v;
  ScoreBias biases[2];
};

// y = softmax(scale q k^T, softcap, + biases) v. Scores go through scratch, one head at a time.
// Errors: out_of_memory; what keep_going says.
Status attend(EvalContext& ctx, const Attention& attention, float* y, const HeadRows& y_rows);

}  // namespace narrowcast::ops

#pragma once

#include "ops/axes.h"
#include "ops/eval.h"

namespace narrowcast::ops {

inline constexpr int kPadsAreOperand = 11;  // and the value
inline constexpr int kPadTakesAxes = 18;

// Version 1 spelt it otherwise.
inline ListPlace pads_place(const RawOp& op) {
  const std::string_view name = op.find("paddings") != nullptr ? "paddings" : "pads";
  return {.attribute = name, .operand_since = kPadsAreOperand, .slot = 1};
}

Status eval_pad(EvalContext& ctx);
// PAD, PADV2 and MIRROR_PAD.
Status eval_pad_tflite(EvalContext& ctx);

}  // namespace narrowcast::ops

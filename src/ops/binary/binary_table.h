// What each op on pairs computes, by type of element.
#pragma once

#include <optional>

#include "kernels/lanes/binary.h"
#include "ops/op.h"

namespace narrowcast::ops {

// Nothing where there is no certain value (a division by 0). Results are cut to the element's type, so that sums,
// differences and products wrap.
using PairOfInts = std::optional<int64_t> (*)(int64_t a, int64_t b);
using PairOfReals = double (*)(double a, double b);

struct PairRow {
  PairOfInts ints = nullptr;                // null: not for integers
  PairOfInts unsigneds = nullptr;           // on bits, where the sign bit makes a difference; null: as ints
  PairOfReals reals = nullptr;              // null: not for floats
  std::optional<kernels::BinaryKind> lane;  // float32, exactly as `reals` means it
  bool tests = false;                       // the result is boolean
};

// By op type and, for Mod and BitShift, attributes. Null when the op is none of these.
const PairRow* find_pair(const RawOp& op);

}  // namespace narrowcast::ops

// The numbers of one planned weight: its scales and zero points, what they cost, and the generator of its codes.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "plan/plan.h"

namespace narrowcast {

struct NarrowedWeight {
  std::vector<double> scales;              // per tensor or channel; float32 values under formula ort
  std::vector<int32_t> zero_points;        // as many, or empty when all are 0
  std::vector<float> block_scales;         // per block, shaped (outer, blocks, inner)
  std::vector<uint8_t> block_zero_points;  // as many, or empty when all are 0
  std::shared_ptr<const Generator> codes;
  double sqnr_db = 0;      // of the widened codes against the original
  uint64_t clamped = 0;    // float16: values moved to the nearest that it can hold
  uint64_t too_large = 0;  // of these
};

// Reads the weight twice: once for its range, once to measure the error.
// Errors: unsupported, naming the weight, when it holds NaN or an infinity (8- and 4-bit codes have neither).
Result<NarrowedWeight> narrow_weight(const Model& model, const WeightPlan& plan);

}  // namespace narrowcast

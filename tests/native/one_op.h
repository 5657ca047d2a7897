// Runs a single op of either format in the float executor.
#pragma once

#include "exec/runner.h"

namespace narrowcast::testing {

// Floats, or integers of any width given as int64.
struct Operand {
  DType dtype = DType::unknown;  // unknown: left out
  Shape shape;
  std::vector<float> floats;
  std::vector<int64_t> ints;
  bool constant = false;  // known before the run
};
inline Operand floats(Shape shape, std::vector<float> values, bool constant = false) {
  return {DType::f32, std::move(shape), std::move(values), {}, constant};
}
inline Operand ints(DType dtype, Shape shape, std::vector<int64_t> values, bool constant = false) {
  return {dtype, std::move(shape), {}, std::move(values), constant};
}

struct OpRun {
  RawOp op;
  std::vector<Operand> operands;
  std::size_t results = 1;
  std::vector<TensorType> result_types;  // TFLite states them
};

// The results as numbers. Keeps the memory they lie in.
struct OpResult {
  std::vector<Shape> shapes;
  std::vector<std::vector<double>> values;
};
Result<OpResult> run_op(const OpRun& run);

}  // namespace narrowcast::testing

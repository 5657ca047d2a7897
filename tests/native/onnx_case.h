// ONNX's operator tests: a folder with a model and sets of inputs and expected outputs.
#pragma once

#include "exec/runner.h"
#include "model_files.h"

namespace narrowcast::testing {

enum class CaseState { passed, failed, not_run };

struct CaseResult {
  CaseState state = CaseState::failed;
  std::string why;                   // it failed, or what keeps it from running
  std::vector<std::string> missing;  // ops that do not run
};

// The suite's own tolerances.
struct Tolerance {
  double relative = 1e-3;
  double absolute = 1e-7;
};

// The model of a case, as a file: made anew before it runs.
using Rewrite = Result<Bytes> (*)(const Bytes& model);

// A rewrite that fails as unsupported counts as a case that does not run.
CaseResult run_case(const fs::path& folder, const exec::CompileOptions& options, Tolerance tolerance = {},
                    Rewrite rewrite = nullptr);

}  // namespace narrowcast::testing

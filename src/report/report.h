// What the user is told: as JSON, schema_version 1. Every op and every float constant appears, with its reason.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ir/edit_log.h"
#include "passes/lift_opset.h"
#include "plan/plan.h"

namespace narrowcast {

struct WeightReport {
  ValueId source;
  double sqnr_db = 0;
  uint64_t bytes_before = 0;
  uint64_t bytes_after = 0;  // codes, scales and zero points
  uint64_t clamped = 0;
  uint64_t too_large = 0;  // of these
};

struct ReportInput {
  const Model& model;
  const Plan& plan;
  const std::vector<WeightReport>& weights;
  const EditLog& log;
  const OpsetLift& opset;
  const std::vector<std::string>& external_files_kept;  // input data files that the result still needs
  uint64_t input_bytes = 0;
  uint64_t output_bytes = 0;
};

std::string report_json(const ReportInput& input);

// {"code", "number", "message", "where"}.
std::string error_json(const Error& error);

}  // namespace narrowcast

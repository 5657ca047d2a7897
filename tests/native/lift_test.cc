// ONNX's operator tests of opsets 7 to 12, lifted to 13, written, read again and run: the stored results must come out.
// NC_SHOW=1 lists what is not lifted; NC_CASE=<text> runs the cases with that text in their name alone.
#include <gtest/gtest.h>

#include <map>

#include "formats/onnx/records.h"
#include "ir/verify.h"
#include "job/job.h"
#include "onnx_case.h"
#include "passes/lift_opset.h"

namespace narrowcast {
namespace {

using namespace testing;

// Errors: unsupported, with what is in the way.
Result<Bytes> lifted(const Bytes& bytes) {
  NC_TRY(Model model, read_model({{"model.onnx", bytes}}));
  EditLog log(model.graph);
  const OpsetLift lift = lift_opset(log, model.files, !model.functions.empty(), "a test");
  if (lift.to != 13) {
    EXPECT_TRUE(log.empty()) << "what is not lifted stays as it was";
    return fail(ErrorCode::unsupported, lift.why_not);
  }
  NC_CHECK(verify(model.graph));
  NC_TRY(const auto outputs, model.format->write(model, log, ""));
  Bytes written(static_cast<std::size_t>(outputs[0].rope.size()));
  outputs[0].rope.read(model.files, 0, written);
  NC_TRY(const Model again, read_model({{"model.onnx", written}}));
  EXPECT_EQ(again.graph.opset(""), 13);
  EXPECT_GE(again.graph.ir_version, 7);
  for (const Scope& scope : again.graph.scopes) {
    for (const ValueId input : scope.inputs) EXPECT_FALSE(again.graph[input].constant) << again.graph[input].name;
  }
  return written;
}

// The opset of a case; 0 when there is nothing to lift.
int64_t opset_of(const fs::path& folder) {
  const Bytes bytes = read_file(folder / "model.onnx");
  const auto model = read_model({{"model.onnx", bytes}});
  const int64_t opset = model ? model->graph.opset("") : 0;
  return opset >= 7 && opset < 13 ? opset : 0;
}

// Cases that the executor does not pass at their own opset either, or whose op has no equal.
bool passes_as_it_is(const fs::path& folder) { return run_case(folder, {}).state == CaseState::passed; }

struct Suite {
  const char* folder;
  int at_least;  // cases that are lifted and pass
};

int run_lifted_cases_below(const fs::path& folder) {
  int passed = 0;
  int left = 0;
  std::map<std::string, int> obstacles;
  const char* only = std::getenv("NC_CASE");
  for (const fs::path& path : files_below(folder, ".onnx")) {
    const fs::path parent = path.parent_path();
    const std::string name = parent.filename().string();
    if (path.filename() != "model.onnx" || (only != nullptr && name.find(only) == std::string::npos)) continue;
    if (opset_of(parent) == 0) continue;
    const CaseResult result = run_case(parent, {}, {}, lifted);
    if (result.state == CaseState::passed) {
      ++passed;
    } else if (!passes_as_it_is(parent)) {
      ++left;
    } else if (result.state == CaseState::not_run && result.missing.empty()) {
      ++obstacles[result.why];
    } else {
      ADD_FAILURE() << name << ": " << result.why;
    }
  }
  for (const auto& [why, count] : obstacles) {
    if (std::getenv("NC_SHOW") != nullptr) std::cout << "  not lifted: " << count << " " << why << "\n";
    EXPECT_NE(why.find("before opset 9 it runs batches"), std::string::npos) << why;
  }
  std::cout << folder.filename().string() << ": " << passed << " lifted and passed, " << left
            << " do not run at their own opset\n";
  return passed;
}

class LiftedCases : public ::testing::TestWithParam<Suite> {};

TEST_P(LiftedCases, GiveTheStoredResults) {
  const fs::path folder = onnx_test_data_folder() / "data" / GetParam().folder;
  if (!fs::exists(folder)) GTEST_SKIP() << "needs ONNX's operator tests (scripts/setup.sh)";
  EXPECT_GE(run_lifted_cases_below(folder), GetParam().at_least);
}

class LiftedRelease : public ::testing::TestWithParam<Suite> {};

TEST_P(LiftedRelease, GivesTheStoredResults) {
  const char* releases = std::getenv("NARROWCAST_ONNX_RELEASES");
  const fs::path folder = fs::path(releases == nullptr ? "" : releases) / GetParam().folder;
  if (releases == nullptr || !fs::exists(folder)) GTEST_SKIP() << "needs the operator tests of " << GetParam().folder;
  EXPECT_GE(run_lifted_cases_below(folder), GetParam().at_least);
}

std::string name_of(const ::testing::TestParamInfo<Suite>& suite) {
  std::string name = suite.param.folder;
  std::ranges::replace_if(name, [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Releases, LiftedRelease,
                         ::testing::Values(Suite{"v1.3.0", 333}, Suite{"v1.5.0", 403}, Suite{"v1.7.0", 629},
                                           Suite{"v1.9.0", 527}, Suite{"v1.12.0", 182}, Suite{"v1.18.0", 95}),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Suites, LiftedCases,
                         ::testing::Values(Suite{"node", 90}, Suite{"pytorch-converted", 3},
                                           Suite{"pytorch-operator", 2}, Suite{"simple", 7}),
                         name_of);

}  // namespace
}  // namespace narrowcast

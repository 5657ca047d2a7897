// ONNX's own operator tests in the float executor, at the suite's tolerances. Every case whose ops run must pass.
// NC_SHOW=1 lists what does not run and why; NC_CASE=<text> runs the cases with that text in their name alone.
#include <gtest/gtest.h>

#include <map>

#include "onnx_case.h"

namespace narrowcast {
namespace {

using namespace testing;

struct Tally {
  int passed = 0;
  int failed = 0;
  int not_run = 0;
};

// Cases that we do not pass on purpose.
constexpr std::string_view kBfloatAsUint16 = "the case's own data is uint16 where its model says bfloat16";
constexpr std::string_view kFractionalCorners =
    "ONNX's reference aligns corners by n * scale, onnxruntime and we by the size that it is cut to";
const std::map<std::string_view, std::string_view> kExceptions{
    {"test_cast_BFLOAT16_to_FLOAT", kBfloatAsUint16},
    {"test_cast_FLOAT_to_BFLOAT16", kBfloatAsUint16},
    {"test_castlike_BFLOAT16_to_FLOAT", kBfloatAsUint16},
    {"test_castlike_BFLOAT16_to_FLOAT_expanded", kBfloatAsUint16},
    {"test_castlike_FLOAT_to_BFLOAT16", kBfloatAsUint16},
    {"test_castlike_FLOAT_to_BFLOAT16_expanded", kBfloatAsUint16},
    {"test_resize_downsample_scales_cubic_align_corners", kFractionalCorners},
    {"test_resize_downsample_scales_linear_align_corners", kFractionalCorners},
};

// The release that scripts/setup.sh gets.
constexpr std::string_view kPackaged = "v1.17.0";

// Cases whose name begins so, of the releases in this list.
struct ReleaseException {
  std::string_view releases;
  std::string_view prefix;
  std::string_view why;
};
constexpr std::string_view kWraps =
    "4-bit integers wrap, as in onnxruntime and in newer releases; the specification leaves it open";
constexpr std::string_view kWrongData = "the data was wrong, mended in 1.22";
constexpr ReleaseException kReleaseExceptions[] = {
    {"v1.9.0", "test_convtranspose_autopad_same", "the padding was on the wrong side, mended in 1.12"},
    {"v1.18.0", "test_attention_3d", "the specification and its data were changed after this release"},
    {"v1.18.0", "test_attention_4d_gqa", "the specification and its data were changed after this release"},
    {"v1.17.0 v1.18.0", "test_cast_FLOAT16_to_INT4", kWraps},
    {"v1.17.0 v1.18.0", "test_cast_FLOAT16_to_UINT4", kWraps},
    {"v1.17.0 v1.18.0", "test_cast_FLOAT_to_INT4", kWraps},
    {"v1.17.0 v1.18.0", "test_cast_FLOAT_to_UINT4", kWraps},
    {"v1.17.0 v1.18.0", "test_qlinearmatmul_2D_int8", kWrongData},
    {"v1.17.0 v1.18.0", "test_qlinearmatmul_3D_int8", kWrongData},
    {"v1.17.0", "test_averagepool_3d_dilations_large_count_include_pad_is_1_ceil_mode_is_True",
     "what the last window reaches beyond the padding was counted, mended in 1.18"},
};

bool is_exception(std::string_view release, std::string_view name) {
  if (kExceptions.contains(name)) return true;
  return std::ranges::any_of(kReleaseExceptions, [&](const ReleaseException& e) {
    return e.releases.find(release) != std::string_view::npos && name.starts_with(e.prefix);
  });
}

Tally run_cases_below(const fs::path& folder, std::string_view release, const exec::CompileOptions& options) {
  Tally tally;
  std::map<std::string, int> missing;
  const char* only = std::getenv("NC_CASE");
  const bool shows = std::getenv("NC_SHOW") != nullptr;
  for (const fs::path& path : files_below(folder, ".onnx")) {
    const std::string name = path.parent_path().filename().string();
    if (path.filename() != "model.onnx" || (only != nullptr && name.find(only) == std::string::npos)) continue;
    if (is_exception(release, name)) continue;
    const CaseResult result = run_case(path.parent_path(), options);
    if (result.state == CaseState::passed) ++tally.passed;
    if (result.state == CaseState::not_run) ++tally.not_run;
    for (const std::string& op : result.missing) ++missing[op];
    if (result.state == CaseState::not_run && result.missing.empty() && shows) {
      std::cout << "  not run: " << name << ": " << result.why << "\n";
    }
    if (result.state == CaseState::failed) {
      ++tally.failed;
      ADD_FAILURE() << name << ": " << result.why;
    }
  }
  if (shows) {
    for (const auto& [op, count] : missing) std::cout << "  missing " << op << " " << count << "\n";
  }
  std::cout << folder.filename().string() << ": " << tally.passed << " passed, " << tally.failed << " failed, "
            << tally.not_run << " not run\n";
  return tally;
}

struct Suite {
  const char* folder;
  int at_least;  // cases that pass
};

class OnnxConformance : public ::testing::TestWithParam<Suite> {};

TEST_P(OnnxConformance, EveryCaseWhoseOpsRunPasses) {
  const fs::path folder = onnx_test_data_folder() / "data" / GetParam().folder;
  if (!fs::exists(folder)) GTEST_SKIP() << "needs ONNX's operator tests (scripts/setup.sh)";
  EXPECT_GE(run_cases_below(folder, kPackaged, {}).passed, GetParam().at_least);
}

// Without joining and Winograd the same cases pass: a difference would be theirs.
TEST(OnnxConformanceOneByOne, EveryCaseWhoseOpsRunPasses) {
  const fs::path folder = onnx_test_data_folder() / "data";
  if (!fs::exists(folder)) GTEST_SKIP() << "needs ONNX's operator tests (scripts/setup.sh)";
  EXPECT_GT(run_cases_below(folder, kPackaged, {.winograd = false, .fuse = false}).passed, 0);
}

// Old releases carry the old meaning of each op. NARROWCAST_ONNX_RELEASES names the folder of their unpacked tests.
class OnnxRelease : public ::testing::TestWithParam<Suite> {};

TEST_P(OnnxRelease, EveryCaseWhoseOpsRunPasses) {
  const char* releases = std::getenv("NARROWCAST_ONNX_RELEASES");
  const fs::path folder = fs::path(releases == nullptr ? "" : releases) / GetParam().folder;
  if (releases == nullptr || !fs::exists(folder)) GTEST_SKIP() << "needs the operator tests of " << GetParam().folder;
  EXPECT_GE(run_cases_below(folder, GetParam().folder, {}).passed, GetParam().at_least);
}

INSTANTIATE_TEST_SUITE_P(Releases, OnnxRelease,
                         ::testing::Values(Suite{"v1.3.0", 334}, Suite{"v1.5.0", 400}, Suite{"v1.7.0", 620},
                                           Suite{"v1.9.0", 670}, Suite{"v1.12.0", 740}, Suite{"v1.18.0", 1100}),
                         [](const auto& release) {
                           std::string name = release.param.folder;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

INSTANTIATE_TEST_SUITE_P(Suites, OnnxConformance,
                         ::testing::Values(Suite{"node", 1023}, Suite{"pytorch-converted", 76},
                                           Suite{"pytorch-operator", 30}, Suite{"simple", 7}),
                         [](const auto& suite) {
                           std::string name = suite.param.folder;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace narrowcast

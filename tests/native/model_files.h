// Real models to read. Some are there only where the developers' shared folder is; tests that use those skip by name.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace narrowcast::testing {

namespace fs = std::filesystem;

inline Bytes read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Every file with this extension below a folder, in order; none when there is no such folder.
inline std::vector<fs::path> files_below(const fs::path& folder, std::string_view extension) {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& entry : fs::recursive_directory_iterator(folder, none)) {
    if (entry.path().extension() == extension) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

inline fs::path source_folder() { return NC_SOURCE_DIR; }
inline fs::path packages_folder() { return source_folder() / "node_modules"; }
// The developers' models; NARROWCAST_MODELS says where, else they stand beside the checkout.
inline fs::path shared_models_folder() {
  const char* set = std::getenv("NARROWCAST_MODELS");
  return set != nullptr ? fs::path(set) : source_folder().parent_path() / "shared" / "models";
}
// ONNX's operator tests: scripts/setup.sh gets them, scripts/env.sh said where when the build was configured; else
// where Debian installs its own.
inline fs::path onnx_test_data_folder() {
  const fs::path configured = NC_ONNX_TESTS;
  return configured.empty() ? "/usr/share/libonnx-testdata" : configured;
}

}  // namespace narrowcast::testing

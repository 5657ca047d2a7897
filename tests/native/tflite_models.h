// Where the tests find real TFLite models. A fresh clone has none of them; tests then skip.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "formats/tflite/records.h"

namespace narrowcast::tflite {

// $NARROWCAST_MODELS/tflite or ../shared/models/tflite, and MediaPipe's models from npm; sorted.
inline std::vector<std::filesystem::path> real_models() {
  namespace fs = std::filesystem;
  const fs::path source(NC_SOURCE_DIR);
  const char* given = std::getenv("NARROWCAST_MODELS");
  const fs::path models = given != nullptr ? fs::path(given) : source / ".." / "shared" / "models";
  std::vector<fs::path> found;
  for (const fs::path& folder : {models / "tflite", source / "node_modules/@mediapipe/face_detection",
                                 source / "node_modules/@mediapipe/selfie_segmentation"}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (entry.path().extension() == ".tflite") found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

inline Bytes read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline Result<Model> read_model(ByteView bytes) { return read({InputFile{"model.tflite", bytes}}); }

}  // namespace narrowcast::tflite

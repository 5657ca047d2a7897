// Where the tests find real TFLite models. A fresh clone has none of them; tests then skip.
#pragma once

#include "formats/tflite/records.h"
#include "model_files.h"

namespace narrowcast::tflite {

// The developers' models and MediaPipe's from npm.
inline std::vector<std::filesystem::path> real_models() {
  std::vector<std::filesystem::path> models = testing::files_below(testing::shared_models_folder(), ".tflite");
  for (const auto& path : testing::files_below(testing::packages_folder() / "@mediapipe", ".tflite")) {
    models.push_back(path);
  }
  return models;
}

inline Bytes read_bytes(const std::filesystem::path& path) { return testing::read_file(path); }

inline Result<Model> read_model(ByteView bytes) { return read({InputFile{"model.tflite", bytes}}); }

}  // namespace narrowcast::tflite

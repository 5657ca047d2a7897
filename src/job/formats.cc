#include "formats/onnx/records.h"
#include "formats/tflite/records.h"
#include "job/job.h"

namespace narrowcast {

std::span<const Format> formats() {
  // TFLite first: its files carry an identifier, ONNX's are known only by looking like a message.
  static constexpr Format kFormats[] = {
      {"tflite", ".tflite", tflite::sniff, tflite::read, tflite::write},
      {"onnx", ".onnx", onnx::sniff, onnx::read, onnx::write, onnx::external_files},
  };
  return kFormats;
}

namespace {

const Format* find_format(ByteView bytes) {
  for (const Format& format : formats()) {
    if (format.sniff(bytes)) return &format;
  }
  return nullptr;
}

}  // namespace

Result<Model> read_model(Files files) {
  const Format* format = find_format(files[0].bytes);
  if (format == nullptr) {
    return fail(ErrorCode::malformed, "This is neither an ONNX nor a TFLite model.", files[0].name);
  }
  NC_TRY(Model model, format->read(std::move(files)));
  model.format = format;
  return model;
}

Result<std::vector<std::string>> external_files(ByteView model) {
  const Format* format = find_format(model);
  if (format == nullptr || format->external_files == nullptr) return std::vector<std::string>();
  return format->external_files(model);
}

}  // namespace narrowcast

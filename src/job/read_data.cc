#include "job/read_data.h"

#include <algorithm>
#include <cstring>

#include "data/prepare_image.h"
#include "formats/onnx/tensor.h"
#include "report/json.h"

namespace narrowcast {
namespace {

// Done from its beginning.
class ReadTask final : public Task {
 public:
  ReadTask(std::string name, DType dtype, const Shape& shape, Bytes bytes) : bytes_(std::move(bytes)) {
    outputs_ = dump(Json::array(
        {{{"name", std::move(name)}, {"size", bytes_.size()}, {"dtype", dtype_name(dtype)}, {"shape", shape}}}));
  }
  Result<bool> step() override { return true; }
  [[nodiscard]] std::string progress() const override { return R"({"phase":"done","done":1,"total":1,"item":""})"; }
  [[nodiscard]] std::string outputs() const override { return outputs_; }
  void read(std::size_t /*output*/, uint64_t offset, std::span<uint8_t> out) const override {
    if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
  }
  [[nodiscard]] std::string report() const override { return "{}"; }

 private:
  Bytes bytes_;
  std::string outputs_;
};

std::unexpected<Error> wrong(const char* key, const std::string& what) { return fail(ErrorCode::usage, what, key); }

bool is_whole(const Json& json) { return json.is_number_integer() && json >= 0 && json <= 1 << 20; }

// Stays as it is when there is no such key.
Status read_whole(const Json& from, const char* key, int& to) {
  const auto entry = from.find(key);
  if (entry == from.end()) return {};
  if (!is_whole(*entry)) return wrong(key, "This is a whole number of pixels.");
  to = entry->get<int>();
  return {};
}

Status read_size(const Json& from, const char* key, data::Size& to) {
  const auto entry = from.find(key);
  if (entry == from.end()) return {};
  if (!entry->is_array() || entry->size() != 2 || !std::ranges::all_of(*entry, is_whole)) {
    return wrong(key, "A size is [height, width].");
  }
  to = {entry->at(0).get<int>(), entry->at(1).get<int>()};
  return {};
}

Status read_colours(const Json& from, const char* key, std::array<float, 3>& to) {
  const auto entry = from.find(key);
  if (entry == from.end()) return {};
  const auto is_number = [](const Json& json) { return json.is_number(); };
  if (!entry->is_array() || entry->size() != 3 || !std::ranges::all_of(*entry, is_number)) {
    return wrong(key, "There is one number each for red, green and blue.");
  }
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = entry->at(i).get<float>();
  return {};
}

// The element of `all` that is called what the key says.
template <typename T>
Status read_choice(const Json& from, const char* key, std::span<const T> all, std::string_view (*name)(T), T& to) {
  const auto entry = from.find(key);
  if (entry == from.end()) return {};
  for (const T choice : all) {
    if (*entry != std::string(name(choice))) continue;
    to = choice;
    return {};
  }
  return wrong(key, "There is no " + std::string(key) + " " + dump(*entry) + ".");
}

std::string_view order_name(bool is_second) { return is_second ? "bgr" : "rgb"; }
std::string_view layout_name(bool is_second) { return is_second ? "nhwc" : "nchw"; }
constexpr std::array kBoth{false, true};

Result<data::ImagePreset> preset_of(const Json& request) {
  const auto name = request.find("preset");
  const data::ImagePreset* found = name != request.end() && name->is_string()
                                       ? data::find_image_preset(name->get_ref<const std::string&>())
                                       : nullptr;
  if (found == nullptr) return wrong("preset", "There is no such preset for pictures.");
  data::ImagePreset preset = *found;
  NC_CHECK(read_choice<data::Fit>(request, "fit", data::kFits, data::fit_name, preset.fit));
  NC_CHECK(read_choice<data::Interpolation>(request, "interpolation", data::kInterpolations, data::interpolation_name,
                                            preset.interpolation));
  NC_CHECK(read_choice<bool>(request, "color", kBoth, order_name, preset.blue_first));
  NC_CHECK(read_colours(request, "mean", preset.mean));
  NC_CHECK(read_colours(request, "std", preset.deviation));
  if (std::ranges::find(preset.deviation, 0.0F) != preset.deviation.end()) {
    return wrong("std", "A deviation of 0 cannot be divided by.");
  }
  return preset;
}

Result<data::ImageOptions> image_options(const Json& request) {
  data::ImageOptions options;
  NC_TRY(options.preset, preset_of(request));
  NC_CHECK(read_size(request, "size", options.size));
  const auto resize = request.find("resize");
  if (resize != request.end() && resize->is_array()) {
    NC_CHECK(read_size(request, "resize", options.resize));
  } else {
    NC_CHECK(read_whole(request, "resize", options.shorter_side));
  }
  NC_CHECK(read_whole(request, "channels", options.channels));
  NC_CHECK(read_choice<bool>(request, "layout", kBoth, layout_name, options.channels_last));
  return options;
}

Result<std::unique_ptr<Task>> read_image(const Files& files, const Json& request) {
  NC_TRY(const data::ImageOptions options, image_options(request));
  data::Size picture;
  int pixel_channels = 4;
  NC_CHECK(read_size(request, "picture", picture));
  NC_CHECK(read_whole(request, "pixel_channels", pixel_channels));
  NC_TRY(const data::PreparedImage image, data::prepare_image(files[0].bytes, picture, pixel_channels, options));
  Bytes bytes(image.values.size() * sizeof(float));
  std::memcpy(bytes.data(), image.values.data(), bytes.size());
  Shape shape{options.channels, image.size.height, image.size.width};
  if (options.channels_last) std::ranges::rotate(shape, shape.begin() + 1);
  return std::make_unique<ReadTask>(files[0].name, DType::f32, shape, std::move(bytes));
}

Result<std::unique_ptr<Task>> read_onnx_tensor(const Files& files) {
  NC_TRY(onnx::TensorRecord record, onnx::read_tensor({files[0]}, {0, 0, files[0].bytes.size()}));
  if (record.opaque) {
    return fail(ErrorCode::unsupported, "The tensor is stored in a way that is not read.", record.name);
  }
  Bytes bytes(static_cast<std::size_t>(payload_length(record.constant.payload)));
  read_payload(files, record.constant.payload, 0, bytes);
  return std::make_unique<ReadTask>(std::move(record.name), record.constant.dtype, record.constant.shape,
                                    std::move(bytes));
}

}  // namespace

Result<std::unique_ptr<Task>> read_data(const Files& files, std::string_view request) {
  const Json json = Json::parse(request, nullptr, false);
  if (!json.is_object() || files.empty()) return fail(ErrorCode::usage, "There is nothing to read.");
  const auto entry = json.find("kind");
  const std::string kind = entry != json.end() && entry->is_string() ? entry->get<std::string>() : "";
  if (kind == "image") return read_image(files, json);
  if (kind == "onnx_tensor") return read_onnx_tensor(files);
  return wrong("kind", "There is no such kind of data.");
}

}  // namespace narrowcast

#include "calib/channel_extremes.h"

#include <algorithm>

#include "calib/read_json.h"
#include "kernels/min_max/min_max.h"

namespace narrowcast::calib {
namespace {

constexpr std::size_t kMostChannels = 1 << 16;  // more belong to no layer whose weights are narrowed

// How the channels lie in memory; nothing when the tensor has none.
std::optional<kernels::ChannelLayout> layout_of(const ops::Tensor& x, ChannelAxis channel_axis) {
  const auto axis = axis_in(channel_axis, x.rank());
  if (!axis || (x.layout == ops::Layout::channels_last && *axis != 1)) return std::nullopt;
  kernels::ChannelLayout layout{static_cast<std::size_t>(x.shape[*axis]), 1};
  if (layout.channels == 0 || layout.channels > kMostChannels) return std::nullopt;
  if (x.layout == ops::Layout::channels_last) return layout;
  for (std::size_t i = *axis + 1; i < x.rank(); ++i) layout.inner *= static_cast<std::size_t>(x.shape[i]);
  return layout;
}

Json floats_json(const std::vector<float>& values) {
  Json list = Json::array();
  for (const float value : values) list.push_back(static_cast<double>(value));
  return list;
}

Result<std::vector<float>> read_floats(const Json& from, const char* key) {
  NC_TRY(const Json* const list, read_list(from, key));
  if (list->empty() || list->size() > kMostChannels) {
    return fail(ErrorCode::malformed, "'" + std::string(key) + "' has no or too many entries.");
  }
  std::vector<float> values;
  for (const Json& entry : *list) {
    NC_TRY(const float value, read_float(Json{{"value", entry}}, "value"));
    values.push_back(value);
  }
  return values;
}

}  // namespace

void ChannelExtremes::give_up() {
  varies_ = true;
  found_.min.clear();
  found_.max.clear();
}

void ChannelExtremes::join(const std::vector<float>& low, const std::vector<float>& high) {
  if (found_.min.empty()) {
    found_.min = low;
    found_.max = high;
    return;
  }
  if (found_.min.size() != low.size()) return give_up();
  for (std::size_t c = 0; c < found_.min.size(); ++c) {
    found_.min[c] = std::min(found_.min[c], low[c]);
    found_.max[c] = std::max(found_.max[c], high[c]);
  }
}

void ChannelExtremes::observe(const ops::Tensor& x) {
  if (found_.axis == 0 || varies_ || x.count() == 0) return;
  const auto layout = layout_of(x, found_.axis);
  if (!layout) return give_up();
  std::vector<float> low(layout->channels);
  std::vector<float> high(layout->channels);
  const std::size_t outer = x.count() / (layout->channels * layout->inner);
  const kernels::NonFinite bad = kernels::min_max_f32_per_channel(x.data, outer, *layout, low.data(), high.data());
  if (bad.nan_count + bad.inf_count > 0) return give_up();
  join(low, high);
}

void ChannelExtremes::merge(const ChannelExtremes& other) {
  if (found_.axis == 0 || varies_) return;
  if (other.varies_) return give_up();
  if (!other.found_.min.empty()) join(other.found_.min, other.found_.max);
}

void ChannelExtremes::write(Json& to) const {
  if (found_.axis == 0) return;
  Json& channels = to["channels"] = {{"axis", found_.axis}};
  if (varies_) channels["varies"] = true;
  if (found_.min.empty()) return;
  channels["min"] = floats_json(found_.min);
  channels["max"] = floats_json(found_.max);
}

Status ChannelExtremes::read(const Json& from) {
  const auto found = from.find("channels");
  if (found == from.end()) return {};
  const auto its_axis = found->is_object() ? found->find("axis") : found->end();
  if (!found->is_object() || its_axis == found->end() || (*its_axis != 1 && *its_axis != -1)) {
    return fail(ErrorCode::malformed, "'channels' has no axis, 1 or -1.");
  }
  found_.axis = its_axis->get<int>();
  varies_ = found->contains("varies");
  if (varies_ || !found->contains("min")) return {};
  NC_TRY(found_.min, read_floats(*found, "min"));
  NC_TRY(found_.max, read_floats(*found, "max"));
  const bool fits =
      found_.min.size() == found_.max.size() && std::ranges::equal(found_.min, found_.max, std::ranges::less_equal());
  return fits ? Status() : fail(ErrorCode::malformed, "'min' and 'max' of 'channels' do not belong together.");
}

}  // namespace narrowcast::calib

#include "calib/channel_extremes.h"

#include <algorithm>

#include "calib/hex.h"
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

std::optional<Extremes> ChannelExtremes::observe(const ops::Tensor& x) {
  if (found_.axis == 0 || varies_ || x.count() == 0) return std::nullopt;
  const auto layout = layout_of(x, found_.axis);
  if (!layout) {
    give_up();
    return std::nullopt;
  }
  std::vector<float> low(layout->channels);
  std::vector<float> high(layout->channels);
  const std::size_t outer = x.count() / (layout->channels * layout->inner);
  const kernels::NonFinite bad = kernels::min_max_f32_per_channel(x.data, outer, *layout, low.data(), high.data());
  if (bad.nan_count + bad.inf_count > 0) {
    give_up();
    return std::nullopt;
  }
  join(low, high);
  return Extremes{std::ranges::min(low), std::ranges::max(high), x.count(), 0, 0, 0};
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
  std::string text;
  for (std::size_t c = 0; c < found_.min.size(); ++c) {
    append_hex(text, found_.min[c]);
    append_hex(text, found_.max[c]);
  }
  channels["extremes"] = std::move(text);
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
  if (varies_ || !found->contains("extremes")) return {};
  NC_TRY(const std::string text, read_text(*found, "extremes"));
  constexpr std::size_t digits = 2 * kHexDigits;
  const auto wrong = [] { return fail(ErrorCode::malformed, "'extremes' of 'channels' are no extremes."); };
  if (text.empty() || text.size() % digits != 0 || text.size() / digits > kMostChannels) return wrong();
  for (std::size_t at = 0; at < text.size(); at += digits) {
    const auto min = hex_float_at(text, at);
    const auto max = hex_float_at(text, at + kHexDigits);
    if (!min || !max || *min > *max) return wrong();
    found_.min.push_back(*min);
    found_.max.push_back(*max);
  }
  return {};
}

}  // namespace narrowcast::calib

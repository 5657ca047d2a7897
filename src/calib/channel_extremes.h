// The extremes of a value channel by channel, over samples. They depend on the samples alone.
#pragma once

#include <optional>

#include "base/json.h"
#include "base/result.h"
#include "calib/extremes.h"
#include "calib/range.h"
#include "ops/tensor.h"

namespace narrowcast::calib {

class ChannelExtremes {
 public:
  // Axis 0: they are not asked for.
  explicit ChannelExtremes(ChannelAxis axis = 0) : found_{axis, {}, {}} {}

  // x: float32, in either layout. Returns the extremes of all of it where they are known by then and all is finite.
  std::optional<Extremes> observe(const ops::Tensor& x);
  void merge(const ChannelExtremes& other);
  [[nodiscard]] const ChannelRanges& found() const { return found_; }

  // {"axis", and "extremes", the least and the greatest of each channel as hex.h writes them, or "varies"}; nothing
  // where they were not asked for.
  void write(Json& to) const;
  // Errors: malformed.
  Status read(const Json& from);

 private:
  void join(const std::vector<float>& low, const std::vector<float>& high);
  void give_up();

  ChannelRanges found_;
  // One sample had another number of channels than the next, no axis of channels, or numbers that are not finite.
  bool varies_ = false;
};

}  // namespace narrowcast::calib

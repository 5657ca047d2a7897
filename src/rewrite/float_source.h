// A float constant as float32, wherever it stands and whether it is stored as float32 or float16.
#pragma once

#include <cstddef>
#include <vector>

#include "ir/payload.h"
#include "plan/plan.h"

namespace narrowcast {

class FloatSource {
 public:
  // `constant` is float32 or float16 and its payload is a span or owned bytes; all must outlive the source. Elements
  // are multiplied by `factors`, when there are any.
  FloatSource(const Files& files, const Constant& constant, const ElementFactors* factors = nullptr)
      : bytes_(payload_view(files, constant.payload)),
        is_half_(constant.dtype == DType::f16),
        factors_(factors != nullptr && factors->any() ? factors : nullptr) {}

  [[nodiscard]] std::size_t size() const { return bytes_.size() / (is_half_ ? 2 : 4); }
  [[nodiscard]] bool contiguous() const { return !is_half_ && factors_ == nullptr; }

  // Elements [start, start + count) as float32, at any alignment: in place, or converted into `scratch`.
  [[nodiscard]] const void* read(std::size_t start, std::size_t count, float* scratch) const;

 private:
  ByteView bytes_;
  bool is_half_;
  const ElementFactors* factors_;
};

// All elements of a small constant, such as a bias.
std::vector<float> read_floats(const Files& files, const Constant& constant);

// How many elements the rewriters work on at a time: 64 KiB of float32 stays in the second-level cache, and covers
// several rows of a wide matrix, whose scales a kernel prepares once a call.
inline constexpr std::size_t kChunkElements = 16384;

}  // namespace narrowcast

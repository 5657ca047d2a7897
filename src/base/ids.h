// Dense, typed indices: an id of one kind cannot be used as another, and ids are never reused.
#pragma once

#include <compare>
#include <cstdint>

namespace narrowcast {

template <typename Tag>
struct Id {
  static constexpr uint32_t kNoneIndex = 0xFFFFFFFF;
  uint32_t index = kNoneIndex;

  constexpr Id() = default;
  constexpr explicit Id(uint32_t i) : index(i) {}
  constexpr explicit Id(std::size_t i) : index(static_cast<uint32_t>(i)) {}
  constexpr explicit operator bool() const { return index != kNoneIndex; }
  friend constexpr auto operator<=>(Id, Id) = default;
};

}  // namespace narrowcast

#include "base/xxhash64.h"

#include <array>

namespace narrowcast {
namespace {

constexpr uint64_t kPrime1 = 0x9E3779B185EBCA87U;
constexpr uint64_t kPrime2 = 0xC2B2AE3D27D4EB4FU;
constexpr uint64_t kPrime3 = 0x165667B19E3779F9U;
constexpr uint64_t kPrime4 = 0x85EBCA77C2B2AE63U;
constexpr uint64_t kPrime5 = 0x27D4EB2F165667C5U;

constexpr std::size_t kStripe = 32;

uint64_t mixed(uint64_t lane, uint64_t input) { return std::rotl(lane + input * kPrime2, 31) * kPrime1; }

uint64_t joined(uint64_t sum, uint64_t lane) { return (sum ^ mixed(0, lane)) * kPrime1 + kPrime4; }

// Takes all whole stripes off the front.
uint64_t hash_stripes(ByteView& bytes) {
  std::array<uint64_t, 4> lanes{kPrime1 + kPrime2, kPrime2, 0, uint64_t{0} - kPrime1};
  for (; bytes.size() >= kStripe; bytes = bytes.subspan(kStripe)) {
    for (std::size_t i = 0; i < 4; ++i) lanes[i] = mixed(lanes[i], load_le<uint64_t>(bytes.data() + 8 * i));
  }
  uint64_t sum = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
  for (const uint64_t lane : lanes) sum = joined(sum, lane);
  return sum;
}

uint64_t hash_rest(uint64_t sum, ByteView bytes) {
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    sum = std::rotl(sum ^ mixed(0, load_le<uint64_t>(bytes.data())), 27) * kPrime1 + kPrime4;
  }
  if (bytes.size() >= 4) {
    sum = std::rotl(sum ^ load_le<uint32_t>(bytes.data()) * kPrime1, 23) * kPrime2 + kPrime3;
    bytes = bytes.subspan(4);
  }
  for (const uint8_t byte : bytes) sum = std::rotl(sum ^ byte * kPrime5, 11) * kPrime1;
  return sum;
}

}  // namespace

uint64_t xxhash64(ByteView bytes) {
  const uint64_t length = bytes.size();
  uint64_t sum = bytes.size() < kStripe ? kPrime5 : hash_stripes(bytes);
  sum = hash_rest(sum + length, bytes);
  sum = (sum ^ sum >> 33) * kPrime2;
  sum = (sum ^ sum >> 29) * kPrime3;
  return sum ^ sum >> 32;
}

}  // namespace narrowcast

#include "exec/pool.h"

#include <gtest/gtest.h>

#include <vector>

namespace narrowcast::exec {
namespace {

using ops::BufferRef;

BufferRef take(Pool& pool, std::size_t bytes) { return BufferRef(pool.allocate(bytes)); }

TEST(Pool, CountsWhatIsHeldAndNothingElse) {
  Pool pool;
  BufferRef first = take(pool, 100);
  EXPECT_EQ(pool.live(), 128U);
  BufferRef shared = first;
  EXPECT_EQ(shared.use_count(), 2U);
  first.reset();
  EXPECT_EQ(pool.live(), 128U);
  const BufferRef second = take(pool, 1);
  EXPECT_EQ(pool.live(), 192U);
  shared.reset();
  EXPECT_EQ(pool.live(), 64U);
  EXPECT_EQ(pool.peak(), 192U);
  pool.reset_peak();
  EXPECT_EQ(pool.peak(), 64U);
}

TEST(Pool, GivesAlignedBuffersThatDoNotOverlap) {
  Pool pool;
  std::vector<BufferRef> held;
  for (int round = 0; round < 3; ++round) {
    for (std::size_t bytes = 1; bytes < 5000; bytes += 97) {
      held.push_back(take(pool, bytes));
      EXPECT_EQ(reinterpret_cast<uintptr_t>(held.back()->data()) % Pool::kAlignment, 0U);
      std::fill_n(held.back()->data(), held.back()->bytes(), static_cast<uint8_t>(held.size()));
    }
    for (std::size_t i = 0; i < held.size(); ++i) {
      for (std::size_t k = 0; k < held[i]->bytes(); ++k) ASSERT_EQ(held[i]->data()[k], static_cast<uint8_t>(i + 1));
    }
    held.clear();
  }
  EXPECT_EQ(pool.live(), 0U);
}

TEST(Pool, KeepsNoMoreIdleThanItSays) {
  Pool pool;
  for (std::size_t bytes = 64; bytes <= (128U << 10); bytes += 640) {
    take(pool, bytes).reset();
    EXPECT_LE(pool.idle(), Pool::kMostIdle);
  }
  EXPECT_EQ(pool.live(), 0U);
}

TEST(Pool, HasNoBufferOfAllBytesThereAre) {
  Pool pool;
  EXPECT_EQ(pool.allocate(SIZE_MAX), nullptr);
  EXPECT_EQ(pool.allocate(SIZE_MAX - 100), nullptr);
  EXPECT_EQ(pool.live(), 0U);
}

}  // namespace
}  // namespace narrowcast::exec

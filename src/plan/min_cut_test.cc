#include "plan/min_cut.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace narrowcast {
namespace {

struct Cost {
  uint32_t from;
  uint32_t to;
  int64_t cost;
};

int64_t cost_of(const std::vector<Cost>& costs, const std::vector<bool>& side) {
  int64_t sum = 0;
  for (const Cost& cost : costs) sum += side[cost.from] && !side[cost.to] ? cost.cost : 0;
  return sum;
}

// Whole numbers below a limit, from a fixed sequence.
class Sequence {
 public:
  uint32_t below(uint32_t limit) {
    state_ = state_ * 1664525U + 1013904223U;
    return (state_ >> 8U) % limit;
  }

 private:
  uint32_t state_ = 7;
};

// Every way to part the nodes, tried.
int64_t cheapest(const std::vector<Cost>& costs, uint32_t nodes) {
  int64_t best = INT64_MAX;
  for (uint32_t pattern = 0; pattern < 1U << (nodes - 2); ++pattern) {
    std::vector<bool> side(nodes);
    side[MinCut::kSource] = true;
    for (uint32_t n = 2; n < nodes; ++n) side[n] = (pattern >> (n - 2) & 1U) != 0;
    best = std::min(best, cost_of(costs, side));
  }
  return best;
}

TEST(MinCut, IsTheCheapestOfAllCuts) {
  Sequence random;
  for (int round = 0; round < 200; ++round) {
    const auto nodes = 3 + random.below(8);
    MinCut cut;
    for (uint32_t n = 2; n < nodes; ++n) cut.add_node();
    std::vector<Cost> costs;
    for (uint32_t i = 0; i < 3 * nodes; ++i) {
      const auto from = random.below(nodes);
      const auto to = random.below(nodes);
      if (from == to || to == MinCut::kSource || from == MinCut::kSink) continue;
      costs.push_back({from, to, int64_t{random.below(20)}});
      cut.add_cost(from, to, costs.back().cost);
    }
    const std::vector<bool> side = cut.solve();
    ASSERT_TRUE(side[MinCut::kSource]);
    ASSERT_FALSE(side[MinCut::kSink]);
    EXPECT_EQ(cost_of(costs, side), cheapest(costs, nodes)) << "round " << round;
  }
}

TEST(MinCut, TiesGoToTheSource) {
  MinCut cut;
  const uint32_t node = cut.add_node();
  cut.add_cost(MinCut::kSource, node, 5);
  cut.add_cost(node, MinCut::kSink, 5);
  EXPECT_TRUE(cut.solve()[node]);
}

}  // namespace
}  // namespace narrowcast

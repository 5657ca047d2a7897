// The cheapest way to part the nodes of a network in two.
#pragma once

#include <cstdint>
#include <vector>

namespace narrowcast {

// Nodes 0 (the source) and 1 (the sink) are there from the start. Costs are whole numbers, so that every machine finds
// the same cut. Dinic's algorithm (1970): breadth-first levels, blocking flows, O(nodes^2 edges).
class MinCut {
 public:
  static constexpr uint32_t kSource = 0;
  static constexpr uint32_t kSink = 1;
  static constexpr int64_t kNever = INT64_MAX / 4;  // the price of a cut that must not be made

  MinCut() : edges_of_(2) {}
  uint32_t add_node();
  // What it costs when `from` ends on the source's side and `to` on the sink's.
  void add_cost(uint32_t from, uint32_t to, int64_t cost);

  // By node: true on the source's side. Of several cheapest cuts the one with the most nodes there.
  std::vector<bool> solve();

 private:
  struct Edge {
    uint32_t to = 0;
    int64_t left = 0;  // what may still flow
  };

  bool find_levels();
  bool push_path(std::vector<uint32_t>& next);

  std::vector<Edge> edges_;                      // each beside its opposite: e ^ 1
  std::vector<std::vector<uint32_t>> edges_of_;  // by node
  std::vector<int32_t> level_;                   // by node; -1: not reached
};

}  // namespace narrowcast

#include "plan/min_cut.h"

#include <algorithm>

namespace narrowcast {

uint32_t MinCut::add_node() {
  edges_of_.emplace_back();
  return static_cast<uint32_t>(edges_of_.size() - 1);
}

void MinCut::add_cost(uint32_t from, uint32_t to, int64_t cost) {
  const auto edge = static_cast<uint32_t>(edges_.size());
  edges_.push_back({to, cost});
  edges_.push_back({from, 0});
  edges_of_[from].push_back(edge);
  edges_of_[to].push_back(edge + 1);
}

bool MinCut::find_levels() {
  level_.assign(edges_of_.size(), -1);
  level_[kSource] = 0;
  std::vector<uint32_t> queue{kSource};
  for (std::size_t i = 0; i < queue.size(); ++i) {
    for (const uint32_t e : edges_of_[queue[i]]) {
      const Edge& edge = edges_[e];
      if (edge.left == 0 || level_[edge.to] >= 0) continue;
      level_[edge.to] = level_[queue[i]] + 1;
      queue.push_back(edge.to);
    }
  }
  return level_[kSink] >= 0;
}

// One path from source to sink along rising levels; `next` by node is the first edge that is not exhausted.
bool MinCut::push_path(std::vector<uint32_t>& next) {
  std::vector<uint32_t> path;
  uint32_t node = kSource;
  while (node != kSink) {
    if (next[node] == edges_of_[node].size()) {
      if (path.empty()) return false;
      node = edges_[path.back() ^ 1U].to;
      path.pop_back();
      ++next[node];
      continue;
    }
    const uint32_t e = edges_of_[node][next[node]];
    if (edges_[e].left > 0 && level_[edges_[e].to] == level_[node] + 1) {
      path.push_back(e);
      node = edges_[e].to;
    } else {
      ++next[node];
    }
  }
  int64_t flow = kNever;
  for (const uint32_t e : path) flow = std::min(flow, edges_[e].left);
  for (const uint32_t e : path) {
    edges_[e].left -= flow;
    edges_[e ^ 1U].left += flow;
  }
  return true;
}

std::vector<bool> MinCut::solve() {
  while (find_levels()) {
    std::vector<uint32_t> next(edges_of_.size(), 0);
    while (push_path(next)) {
    }
  }
  // Whoever still reaches the sink is on its side.
  std::vector<bool> on_source_side(edges_of_.size(), true);
  on_source_side[kSink] = false;
  std::vector<uint32_t> queue{kSink};
  for (std::size_t i = 0; i < queue.size(); ++i) {
    for (const uint32_t e : edges_of_[queue[i]]) {
      const uint32_t from = edges_[e].to;
      if (edges_[e ^ 1U].left == 0 || !on_source_side[from]) continue;
      on_source_side[from] = false;
      queue.push_back(from);
    }
  }
  return on_source_side;
}

}  // namespace narrowcast

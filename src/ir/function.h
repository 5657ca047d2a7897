// An op that a model defines itself, by a graph of others.
#pragma once

#include "ir/graph.h"

namespace narrowcast {

struct Function {
  std::string domain;
  std::string name;
  Graph graph;  // scope 0 is the body; constants lie in file 0, which is `bytes`
  std::shared_ptr<const Bytes> bytes;
  std::vector<Attribute> defaults;  // of attributes that a caller may leave out
};

}  // namespace narrowcast

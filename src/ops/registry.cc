#include <algorithm>
#include <map>
#include <utility>

#include "ops/op.h"

namespace narrowcast::ops {

#define NC_OP_FAMILY(name) OpFamily name##_family();
#include "ops/families.inc"
#undef NC_OP_FAMILY

std::span<const OpFamily> families() {
  static const OpFamily kFamilies[] = {
#define NC_OP_FAMILY(name) name##_family(),
#include "ops/families.inc"
#undef NC_OP_FAMILY
  };
  return kFamilies;
}

const OpDef* find_op(std::string_view domain, std::string_view type) {
  static const auto kByName = [] {
    std::map<std::pair<std::string_view, std::string_view>, const OpDef*> by_name;
    for (const OpFamily& family : families()) {
      for (const OpDef& op : family.ops) by_name.emplace(std::pair(op.domain, op.type), &op);
    }
    return by_name;
  }();
  const auto it = kByName.find({domain, type});
  return it != kByName.end() ? it->second : nullptr;
}

}  // namespace narrowcast::ops

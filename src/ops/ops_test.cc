// What must hold of every folder's table.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "ops/op.h"

namespace narrowcast::ops {
namespace {

TEST(OpTables, NameEveryOpOnce) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const OpFamily& family : families()) {
    EXPECT_FALSE(family.folder.empty());
    EXPECT_TRUE(family.summary.ends_with('.')) << family.folder;
    EXPECT_FALSE(family.ops.empty()) << family.folder;
    for (const OpDef& op : family.ops) {
      EXPECT_TRUE(seen.emplace(op.domain, op.type).second) << op.type << " stands in two places";
      EXPECT_EQ(find_op(op.domain, op.type), &op);
    }
  }
  EXPECT_GE(seen.size(), 250U);
}

TEST(OpTables, AreSpelledAsTheFormatsDo) {
  for (const OpFamily& family : families()) {
    for (const OpDef& op : family.ops) {
      SCOPED_TRACE(op.type);
      EXPECT_TRUE(op.domain.empty() || op.domain == kTfliteDomain || op.domain == kMicrosoftDomain ||
                  op.domain == "tflite.custom")
          << op.domain;
      const bool has_lower = std::ranges::any_of(op.type, [](char c) { return c >= 'a' && c <= 'z'; });
      const bool acronym = op.type == "GRU" || op.type == "LSTM" || op.type == "RNN" || op.type == "LRN";
      EXPECT_TRUE(acronym || has_lower == (op.domain != kTfliteDomain));
      EXPECT_NE(op.infer, nullptr);
      EXPECT_EQ(op.tflite_version == nullptr || op.domain == kTfliteDomain, true);
    }
  }
}

TEST(OpTables, OrderTheirVersions) {
  for (const OpFamily& family : families()) {
    for (const OpDef& op : family.ops) {
      SCOPED_TRACE(op.type);
      EXPECT_GE(op.first_version, 1);
      EXPECT_LE(op.first_version, op.last_version);
      EXPECT_LE(op.last_version, 25);
    }
  }
}

}  // namespace
}  // namespace narrowcast::ops

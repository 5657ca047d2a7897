#include "calib/ranges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/test_util.h"

namespace narrowcast::calib {
namespace {

using kernels::test::floats;
using kernels::test::Mix;
using kernels::test::Random;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Digest digest_of(std::string_view text) {
  Sha256 hash;
  hash.add(text);
  return hash.finish();
}

// The first numbers as [2, 3, 5], in memory order.
ops::Tensor image_of(const std::vector<float>& x) {
  return {DType::f32, ops::Layout::plain, {2, 3, 5}, {}, reinterpret_cast<const uint8_t*>(x.data())};
}

// One value a method, which sees the samples `from`, `from + step`, ... below 20.
Ranges part(uint32_t from, uint32_t step, std::string_view model = "model") {
  Ranges ranges;
  ranges.model = digest_of(model);
  ranges.settings.signature = "a \"quoted\" key";
  uint32_t scope = 0;
  for (const ObserverKind& kind : observer_kinds()) {
    ranges.values.push_back(
        {scope++ / 2, "value of " + std::string(kind.name), kind.create(), ChannelExtremes(scope % 2 == 0 ? -1 : 1)});
  }
  for (uint32_t i = from; i < 20; i += step) {
    EXPECT_TRUE(ranges.samples.add(i, digest_of(std::to_string(i))));
    for (std::size_t v = 0; v < ranges.values.size(); ++v) {
      const std::vector<float> x = floats(100 + 50 * i, i == 3 ? Mix::hostile : Mix::ordinary, i * 10 + v);
      ranges.values[v].observer->observe(x.data(), x.size(), i);
      ranges.values[v].channels.observe(image_of(x));
    }
  }
  return ranges;
}

ErrorCode code_of(std::string_view text) {
  const auto read = Ranges::read(text);
  return read ? ErrorCode::internal : read.error().code;
}

TEST(Ranges, PartsMergeIntoTheWholesBytes) {
  const std::string whole = part(0, 1).write();
  for (const uint32_t count : {2U, 3U, 7U}) {
    for (const bool is_reversed : {false, true}) {
      Ranges merged = part(is_reversed ? count - 1 : 0, count);
      for (uint32_t i = 1; i < count; ++i) {
        // Through the file, as parts of other processes come.
        auto other = Ranges::read(part(is_reversed ? count - 1 - i : i, count).write());
        ASSERT_TRUE(other) << other.error().message;
        ASSERT_TRUE(merged.merge(*other));
      }
      EXPECT_EQ(merged.write(), whole) << count;
    }
  }
}

TEST(Ranges, ReadGivesBackWhatWasWritten) {
  for (const uint32_t from : {0U, 20U}) {
    const std::string text = part(from, 1).write();
    auto read = Ranges::read(text);
    ASSERT_TRUE(read) << read.error().message << " " << read.error().where;
    EXPECT_EQ(read->write(), text);
  }
}

TEST(Ranges, PartsThatDoNotBelongTogether) {
  Ranges ranges = part(0, 2);
  EXPECT_THAT(ranges.merge(part(1, 2, "another")).error().message, HasSubstr("two models"));
  Ranges other = part(1, 2);
  other.settings.winograd = false;
  EXPECT_THAT(ranges.merge(other).error().message, HasSubstr("different settings"));
  other = part(1, 2);
  other.values[1].name = "another";
  EXPECT_THAT(ranges.merge(other).error().message, HasSubstr("different settings"));
  EXPECT_THAT(ranges.merge(part(4, 3)).error().message, HasSubstr("Sample 4"));
  EXPECT_EQ(ranges.merge(part(4, 3)).error().code, ErrorCode::usage);
}

TEST(Ranges, TheSamplesHashKnowsTheSamplesAndNotTheirOrder) {
  SampleSet forwards, backwards, others;
  for (uint32_t i = 0; i < 9; ++i) {
    forwards.add(i, digest_of("x"));
    backwards.add(8 - i, digest_of("x"));
    others.add(i, digest_of(i == 4 ? "y" : "x"));
  }
  EXPECT_EQ(dump(forwards.write()), dump(backwards.write()));
  EXPECT_NE(forwards.hash(), others.hash());
  EXPECT_FALSE(forwards.add(3, digest_of("x")));
  EXPECT_EQ(forwards.count(), 9U);
}

TEST(Ranges, RunsOfIndices) {
  SampleSet set;
  for (const uint32_t i : {5U, 7U, 6U, 0U, UINT32_MAX, 9U, 1U}) EXPECT_TRUE(set.add(i, {}));
  EXPECT_EQ(dump(set.write()["runs"]), "[[0,2],[5,3],[9,1],[4294967295,1]]");
  for (const uint32_t i : {5U, 6U, 7U, 0U, 1U, 9U, UINT32_MAX}) EXPECT_TRUE(set.contains(i));
  for (const uint32_t i : {2U, 4U, 8U, 10U, UINT32_MAX - 1}) EXPECT_FALSE(set.contains(i));
  for (const char* runs : {"[[0,2],[2,1]]", "[[5,1],[3,1]]", "[[0,0]]", "[[4294967295,2]]", "[[-1,2]]", "[[0]]", "[3]",
                           "[[0,4294967296]]", "{}"}) {
    const Json json = Json::parse("{\"hash\":\"" + std::string(64, '0') + "\",\"runs\":" + runs + "}");
    EXPECT_FALSE(SampleSet::read(json)) << runs;
  }
}

TEST(Ranges, WhatIsNoRangeFile) {
  const std::string text = part(0, 1).write();
  for (const char* other : {"", "null", "[]", "{}", "{\"kind\":\"ranges\"}", "\xff\xfe", "1e999"}) {
    EXPECT_EQ(code_of(other), ErrorCode::malformed) << other;
  }
  std::string later = text;
  later.replace(later.find("\"schema_version\":1"), 18, "\"schema_version\":2");
  EXPECT_EQ(code_of(later), ErrorCode::unsupported);
  std::string renamed = text;
  renamed.replace(renamed.find("value of mse"), 12, "value of MSE");
  EXPECT_EQ(code_of(renamed), ErrorCode::malformed);
  EXPECT_EQ(code_of(std::string(1 << 20, '[')), ErrorCode::malformed);
}

// Cut and changed texts: refused, or read and then written and chosen from without a fault.
TEST(Ranges, DamagedFiles) {
  Random random(2);
  const std::string text = part(0, 1).write();
  for (int i = 0; i < 300; ++i) {
    std::string damaged = text;
    if (i % 3 == 0) damaged.resize(random.below(text.size()));
    for (int change = 0; change < 3 && !damaged.empty(); ++change) {
      const std::size_t at = random.below(damaged.size());
      constexpr std::string_view kLikely = "0123456789-,.[]{}\":e";
      damaged[at] = kLikely[random.below(kLikely.size())];
    }
    const auto read = Ranges::read(damaged);
    if (!read) {
      EXPECT_NE(read.error().code, ErrorCode::internal);
      continue;
    }
    EXPECT_TRUE(Ranges::read(read->write()));
    for (const ObservedValue& value : read->values) {
      const auto range = value.observer->range({});
      ASSERT_TRUE(range);
      EXPECT_TRUE(range->min <= 0 && range->max >= 0);
    }
  }
}

TEST(Ranges, HashOfFiles) {
  const Bytes a{1, 2, 3};
  const Bytes b{4};
  const ByteView one[] = {a};
  const ByteView two[] = {a, b};
  EXPECT_EQ(hash_files(one), sha256(a));
  EXPECT_NE(hash_files(two), hash_files(one));
}

TEST(ChannelExtremes, LieAlongTheirAxisInEitherLayout) {
  const std::vector<float> x{1, 2, 3, -4, 5, 6, 7, 8, 9, 10, -11, 12};  // [1, 3, 2, 2] plain, [1, 2, 2, 3] in memory
  ops::Tensor tensor{DType::f32, ops::Layout::plain, {1, 3, 2, 2}, {}, reinterpret_cast<const uint8_t*>(x.data())};
  ChannelExtremes plain(1);
  plain.observe(tensor);
  EXPECT_THAT(plain.found().min, ElementsAre(-4, 5, -11));
  EXPECT_THAT(plain.found().max, ElementsAre(3, 8, 12));
  tensor.layout = ops::Layout::channels_last;
  ChannelExtremes last(1);
  last.observe(tensor);
  EXPECT_THAT(last.found().min, ElementsAre(-4, -11, 3));
  tensor.layout = ops::Layout::plain;
  ChannelExtremes rows(-1);
  rows.observe(tensor);
  EXPECT_THAT(rows.found().min, ElementsAre(-11, -4));
}

TEST(ChannelExtremes, AreGivenUpWhereSamplesDiffer) {
  const std::vector<float> x(12, 1.0F);
  const auto with = [&](Shape shape) {
    return ops::Tensor{
        DType::f32, ops::Layout::plain, std::move(shape), {}, reinterpret_cast<const uint8_t*>(x.data())};
  };
  ChannelExtremes channels(1);
  channels.observe(with({1, 3, 4}));
  ChannelExtremes other(1);
  other.observe(with({1, 4, 3}));
  channels.merge(other);
  EXPECT_TRUE(channels.found().min.empty());
  channels.observe(with({1, 3, 4}));
  EXPECT_TRUE(channels.found().min.empty());
  Json json;
  channels.write(json);
  ChannelExtremes read;
  ASSERT_TRUE(read.read(json));
  read.observe(with({1, 3, 4}));
  EXPECT_TRUE(read.found().min.empty());
}

}  // namespace
}  // namespace narrowcast::calib

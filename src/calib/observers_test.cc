#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "calib/histogram.h"
#include "kernels/test_util.h"

namespace narrowcast::calib {
namespace {

using kernels::test::floats;
using kernels::test::Mix;
using kernels::test::Random;
using ::testing::HasSubstr;
using Samples = std::vector<std::vector<float>>;

// Of very different sizes and magnitudes, with values that are not finite among them.
Samples some_samples(std::size_t count, uint64_t seed) {
  Random random(seed);
  Samples samples(count);
  for (std::vector<float>& sample : samples) {
    const std::size_t n = random.below(4) == 0 ? 6000 : random.below(300);
    sample = floats(n, random.below(5) == 0 ? Mix::hostile : Mix::ordinary, random.next());
    const float scale = static_cast<float>(random.below(1000)) * 0.01F;
    for (float& value : sample) value = random.below(3) == 0 ? 0 : value * scale;
  }
  return samples;
}

std::unique_ptr<Observer> seen(const ObserverKind& kind, const Samples& samples, std::span<const std::size_t> which) {
  auto observer = kind.create();
  for (const std::size_t i : which) observer->observe(samples[i].data(), samples[i].size(), static_cast<uint32_t>(i));
  return observer;
}

std::string state_of(const Observer& observer) {
  Json json = Json::object();
  observer.write(json);
  return dump(json);
}

std::vector<std::size_t> numbers_below(std::size_t n) {
  std::vector<std::size_t> numbers(n);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

void shuffle(std::vector<std::size_t>& list, Random& random) {
  for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[random.below(i)]);
}

// The samples dealt at random to shards that see them in a random order.
std::vector<std::unique_ptr<Observer>> dealt(const ObserverKind& kind, const Samples& samples, std::size_t shards,
                                             Random& random) {
  std::vector<std::vector<std::size_t>> hands(shards);
  std::vector<std::size_t> order = numbers_below(samples.size());
  shuffle(order, random);
  for (const std::size_t i : order) hands[random.below(shards)].push_back(i);
  std::vector<std::unique_ptr<Observer>> observers;
  for (const auto& hand : hands) observers.push_back(seen(kind, samples, hand));
  return observers;
}

std::string merged(const ObserverKind& kind, const std::vector<std::unique_ptr<Observer>>& shards,
                   std::span<const std::size_t> order) {
  auto whole = kind.create();
  for (const std::size_t i : order) EXPECT_TRUE(whole->merge(*shards[i]));
  return state_of(*whole);
}

TEST(Observers, TheListComesFromTheFolder) {
  std::vector<std::string_view> names;
  for (const ObserverKind& kind : observer_kinds()) {
    names.push_back(kind.name);
    EXPECT_EQ(kind.create()->method(), kind.name);
    EXPECT_EQ(find_observer(kind.name), &kind);
  }
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("min-max", "moving-average", "percentile", "entropy", "mse"));
  EXPECT_EQ(find_observer("max"), nullptr);
}

TEST(Observers, SameBytesHoweverTheSamplesAreSplitOrderedAndMerged) {
  for (const ObserverKind& kind : observer_kinds()) {
    const Samples samples = some_samples(23, 5);
    const std::string whole = state_of(*seen(kind, samples, numbers_below(samples.size())));
    Random random(9);
    for (const std::size_t count : {1, 2, 4}) {
      const auto shards = dealt(kind, samples, count, random);
      std::vector<std::size_t> order = numbers_below(count);
      do {
        ASSERT_EQ(merged(kind, shards, order), whole) << kind.name << " " << count;
      } while (std::ranges::next_permutation(order).found);
    }
    for (int i = 0; i < 30; ++i) {
      const auto shards = dealt(kind, samples, 7, random);
      std::vector<std::size_t> order = numbers_below(7);
      shuffle(order, random);
      ASSERT_EQ(merged(kind, shards, order), whole) << kind.name;
    }
  }
}

TEST(Observers, MergedInATreeIsTheSame) {
  for (const ObserverKind& kind : observer_kinds()) {
    const Samples samples = some_samples(16, 6);
    Random random(1);
    auto shards = dealt(kind, samples, 4, random);
    ASSERT_TRUE(shards[0]->merge(*shards[1]));
    ASSERT_TRUE(shards[3]->merge(*shards[2]));
    ASSERT_TRUE(shards[3]->merge(*shards[0]));
    EXPECT_EQ(state_of(*shards[3]), state_of(*seen(kind, samples, numbers_below(16)))) << kind.name;
  }
}

TEST(Observers, ReadGivesBackWhatWasWritten) {
  for (const ObserverKind& kind : observer_kinds()) {
    for (const std::size_t count : {0, 1, 20}) {
      const Samples samples = some_samples(count, count);
      const auto observer = seen(kind, samples, numbers_below(count));
      Json json = Json::object();
      observer->write(json);
      auto again = kind.create();
      ASSERT_TRUE(again->read(Json::parse(dump(json), nullptr, false))) << kind.name;
      EXPECT_EQ(state_of(*again), state_of(*observer));
      for (const DType dtype : {DType::i8, DType::u8}) {
        EXPECT_EQ(*again->range({.activations = dtype}), *observer->range({.activations = dtype}));
      }
    }
  }
}

// Every single change of a number or a text in the state is either refused or gives a state that writes itself again.
TEST(Observers, DamagedStatesAreRefusedOrConsistent) {
  for (const ObserverKind& kind : observer_kinds()) {
    const Samples samples = some_samples(5, 3);
    Json whole = Json::object();
    seen(kind, samples, numbers_below(5))->write(whole);
    std::size_t refused = 0;
    const Json bad[] = {nullptr,
                        -1,
                        1e300,
                        "x",
                        Json::array({-5000}),
                        Json::array({1, -9000}),
                        Json::object(),
                        uint64_t{1} << 63,
                        0,
                        1.0000000001,
                        Json::array({0}),
                        Json::array({"1"})};
    for (const auto& [key, value] : whole.items()) {
      for (const Json& other : bad) {
        Json damaged = whole;
        damaged[key] = other;
        auto observer = kind.create();
        const Status status = observer->read(damaged);
        if (status) continue;
        EXPECT_EQ(status.error().code, ErrorCode::malformed);
        ++refused;
      }
      Json without = whole;
      without.erase(key);
      EXPECT_FALSE(kind.create()->read(without)) << kind.name << " " << key;
    }
    EXPECT_GT(refused, 20U) << kind.name;
  }
}

TEST(Observers, ASampleSeenTwiceIsAnError) {
  const ObserverKind& kind = *find_observer("moving-average");
  const Samples samples{{1, 2}, {3}, {4}};
  const std::size_t first[] = {0, 1};
  const std::size_t second[] = {1, 2};
  auto observer = seen(kind, samples, first);
  const Status status = observer->merge(*seen(kind, samples, second));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::usage);
  EXPECT_THAT(status.error().message, HasSubstr("Sample 1"));
}

TEST(Observers, MethodsDoNotMix) {
  EXPECT_FALSE(find_observer("mse")->create()->merge(*find_observer("entropy")->create()));
}

TEST(Observers, OnlyExactMethodsServeInt16) {
  const std::vector<float> x{1, 2, 3};
  for (const ObserverKind& kind : observer_kinds()) {
    auto observer = kind.create();
    observer->observe(x.data(), x.size(), 0);
    const auto range = observer->range({.activations = DType::i16});
    EXPECT_EQ(range.has_value(), kind.name == "min-max" || kind.name == "moving-average") << kind.name;
    if (!range) {
      EXPECT_EQ(range.error().code, ErrorCode::usage);
    }
  }
}

TEST(Observers, ZeroAndNothing) {
  const std::vector<float> zeros(5, -0.0F);
  for (const ObserverKind& kind : observer_kinds()) {
    auto observer = kind.create();
    EXPECT_EQ(*observer->range({}), Range{});
    observer->observe(zeros.data(), 5, 0);
    const Range range = *observer->range({});
    EXPECT_EQ(std::bit_cast<uint32_t>(range.min), 0U) << kind.name;
    EXPECT_EQ(std::bit_cast<uint32_t>(range.max), 0U) << kind.name;
  }
}

TEST(Observers, NotFiniteIsCountedAndLeftOut) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const std::vector<float> x{-2, kInf, NAN, 3, -kInf, kInf, 0};
  for (const ObserverKind& kind : observer_kinds()) {
    auto observer = kind.create();
    observer->observe(x.data(), x.size(), 0);
    EXPECT_EQ(observer->totals(), (Extremes{-2, 3, 3, 1, 2, 1})) << kind.name;
    const Range range = *observer->range({.percentile = kWholePercentile});
    EXPECT_EQ(range, (Range{-2, 3})) << kind.name;
  }
}

TEST(MovingAverage, FoldsInTheOrderOfIndices) {
  const Samples samples{{-1, 4}, {-3, 8}, {-2, 2}};
  const std::size_t order[] = {2, 0, 1};
  const auto observer = seen(*find_observer("moving-average"), samples, order);
  double max = 4;
  max += 0.01 * (8 - max);
  max += 0.01 * (2 - max);
  EXPECT_EQ(observer->range({})->max, static_cast<float>(max));
}

// A value in a loop: one sample's extremes are those of all its runs.
TEST(MovingAverage, RunsOfOneSampleAreOne) {
  auto observer = find_observer("moving-average")->create();
  const float values[] = {5, 7, 1};
  for (const float& value : values) observer->observe(&value, 1, 3);
  EXPECT_EQ(observer->range({})->max, 7);
}

TEST(Percentile, IsTheOrderStatisticToWithinABin) {
  Random random(4);
  for (const uint64_t percentile : {99'999'000ULL, 99'900'000ULL, 95'000'000ULL, 50'000'000ULL, 100'000'000ULL}) {
    std::vector<float> x = floats(20011, Mix::ordinary, percentile);
    for (float& value : x) value = value * value * value - 2;
    auto observer = find_observer("percentile")->create();
    observer->observe(x.data(), x.size(), 0);
    std::ranges::sort(x);
    const std::size_t k = x.size() * (100'000'000ULL - percentile) / 200'000'000ULL;
    const Range range = *observer->range({.percentile = percentile});
    const float width = 66.0F / 1024;
    EXPECT_NEAR(range.min, std::min(x[k], 0.0F), width);
    EXPECT_NEAR(range.max, std::max(x[x.size() - 1 - k], 0.0F), width);
    if (percentile == kWholePercentile) {
      EXPECT_EQ(range, (Range{x.front(), x.back()}));
    }
  }
}

TEST(Percentile, InterpolatesFromTheOuterEdge) {
  // Bins of width 1: 1024 to 2047 fills exponent 0. Four values in bin 1500, two of eight dropped above.
  const std::vector<float> x{0, 0, 1500.1F, 1500.2F, 1500.3F, 1500.9F, 1100, 1200};
  auto observer = find_observer("percentile")->create();
  observer->observe(x.data(), x.size(), 0);
  const Range range = *observer->range({.percentile = 50'000'000});
  EXPECT_EQ(range.max, 1501 - 0.5F);
  EXPECT_EQ(range.min, 0);
}

// The definition, bin by bin.
double divergence(const std::vector<double>& h, std::size_t i) {
  std::vector<double> p(h.begin(), h.begin() + static_cast<std::ptrdiff_t>(i));
  std::vector<double> q(i, 0.0);
  for (std::size_t level = 0; level < 128; ++level) {
    double sum = 0;
    double used = 0;
    for (std::size_t k = level * i / 128; k < (level + 1) * i / 128; ++k) {
      sum += h[k];
      used += h[k] > 0 ? 1 : 0;
    }
    for (std::size_t k = level * i / 128; k < (level + 1) * i / 128; ++k) q[k] = h[k] > 0 ? sum / used : 0;
  }
  for (std::size_t k = i; k < h.size(); ++k) p[i - 1] += h[k];
  const double n = std::accumulate(p.begin(), p.end(), 0.0);
  const double m = std::accumulate(q.begin(), q.end(), 0.0);
  double result = 0;
  for (std::size_t k = 0; k < i; ++k) {
    if (p[k] > 0) result += p[k] / n * std::log(p[k] / n / (q[k] / m));
  }
  return result;
}

TEST(Entropy, FindsTheDefinitionsMinimum) {
  for (const uint64_t seed : {1, 2, 3}) {
    std::vector<float> x = floats(60000, Mix::ordinary, seed);
    for (std::size_t i = 0; i + 3 < x.size(); i += 4) x[i] = (x[i] + x[i + 1] + x[i + 2] + x[i + 3]) / 4;
    for (std::size_t i = 0; i < x.size(); i += 3) x[i] = 0;
    for (std::size_t i = 1; i < x.size(); i += 3001) x[i] *= 9;
    Histogram histogram;
    histogram.count(x.data(), x.size(), 33);
    auto observer = find_observer("entropy")->create();
    observer->observe(x.data(), x.size(), 0);
    std::vector<double> h;
    for (std::size_t i = 0; i < 2048; ++i) {
      h.push_back(static_cast<double>(histogram.positive()[i] + histogram.negative()[i]));
    }
    double best = INFINITY;
    for (std::size_t i = 128; i <= 2048; ++i) {
      if (h[i - 1] > 0) best = std::min(best, divergence(h, i));
    }
    const Range range = *observer->range({});
    const auto chosen = static_cast<std::size_t>(std::ceil(std::max(range.max, -range.min) / histogram.bin_width()));
    EXPECT_LT(range.max, 5);
    EXPECT_NEAR(divergence(h, chosen), best, 1e-9);
  }
}

TEST(Mse, ABetterThresholdThanTheExtremes) {
  std::vector<float> x = floats(50000, Mix::ordinary, 8);
  x[7] = 400;
  auto observer = find_observer("mse")->create();
  observer->observe(x.data(), x.size(), 0);
  const Range range = *observer->range({});
  const auto error = [&](double low, double high) {
    const double scale = (high - low) / 255;
    const double zero = std::nearbyint(-low / scale);
    double sum = 0;
    for (const float value : x) {
      const double code = std::clamp(std::nearbyint(value / scale) + zero, 0.0, 255.0);
      sum += std::pow(value - (code - zero) * scale, 2);
    }
    return sum;
  };
  const double found = error(range.min, range.max);
  EXPECT_LT(found, error(-4, 400));
  // No threshold of a grid of our own is much better; the histogram's bins are 0.25 wide here.
  for (double t = 2; t < 400; t *= 1.05) EXPECT_GT(error(-4, t) * 1.1, found) << t;
}

}  // namespace
}  // namespace narrowcast::calib

#include "calib/samples.h"

#include <algorithm>
#include <array>

#include "calib/read_json.h"

namespace narrowcast::calib {
namespace {

void add_to(Digest& sum, const Digest& term) {
  unsigned carry = 0;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    carry += sum[i] + term[i];
    sum[i] = static_cast<uint8_t>(carry);
    carry >>= 8;
  }
}

std::unexpected<Error> wrong() { return fail(ErrorCode::malformed, "'samples' is no list of runs in order."); }

// A number of 32 bits at a place of a run.
std::optional<uint32_t> number_at(const Json& run, std::size_t place) {
  if (!run.is_array() || run.size() != 2 || !run[place].is_number_unsigned()) return std::nullopt;
  const auto number = run[place].get<uint64_t>();
  if (number > UINT32_MAX) return std::nullopt;
  return static_cast<uint32_t>(number);
}

}  // namespace

bool SampleSet::contains(uint32_t index) const {
  const auto after = std::ranges::upper_bound(runs_, index, {}, &Run::first);
  return after != runs_.begin() && index < std::prev(after)->end();
}

uint64_t SampleSet::count() const {
  uint64_t count = 0;
  for (const Run& run : runs_) count += run.count;
  return count;
}

void SampleSet::insert(uint32_t index) {
  auto after = std::ranges::upper_bound(runs_, index, {}, &Run::first);
  const bool joins_next = after != runs_.end() && after->first == index + 1;
  if (after != runs_.begin() && std::prev(after)->end() == index) {
    const auto before = std::prev(after);
    ++before->count;
    if (!joins_next) return;
    before->count += after->count;
    runs_.erase(after);
  } else if (joins_next) {
    --after->first;
    ++after->count;
  } else {
    runs_.insert(after, {index, 1});
  }
}

bool SampleSet::add(uint32_t index, const Digest& content) {
  if (contains(index)) return false;
  insert(index);
  std::array<uint8_t, 4> bytes;
  store_le(bytes.data(), index);
  Sha256 hash;
  hash.add(bytes);
  hash.add(content);
  add_to(sum_, hash.finish());
  return true;
}

Status SampleSet::merge(const SampleSet& other) {
  std::vector<Run> all;
  std::ranges::merge(runs_, other.runs_, std::back_inserter(all), {}, &Run::first, &Run::first);
  std::vector<Run> joined;
  for (const Run& run : all) {
    if (joined.empty() || joined.back().end() < run.first) {
      joined.push_back(run);
      continue;
    }
    if (joined.back().end() > run.first) {
      return fail(ErrorCode::usage, "Sample " + std::to_string(run.first) + " was seen by both.");
    }
    joined.back().count += run.count;
  }
  runs_ = std::move(joined);
  add_to(sum_, other.sum_);
  return {};
}

Json SampleSet::write() const {
  Json runs = Json::array();
  for (const Run& run : runs_) runs.push_back({run.first, run.count});
  return {{"runs", std::move(runs)}, {"hash", hex(sum_)}};
}

Result<SampleSet> SampleSet::read(const Json& from) {
  SampleSet set;
  if (!from.is_object()) return wrong();
  NC_TRY(const Json* const runs, read_list(from, "runs"));
  NC_TRY(const std::string hash, read_text(from, "hash"));
  uint64_t free_from = 0;
  for (const Json& entry : *runs) {
    const auto first = number_at(entry, 0);
    const auto count = number_at(entry, 1);
    if (!first || !count || *count == 0 || *first < free_from) return wrong();
    set.runs_.push_back({*first, *count});
    // Indices end at 2^32 - 1, and a run that began right here would be the same one.
    free_from = set.runs_.back().end() + 1;
    if (free_from > uint64_t{UINT32_MAX} + 2) return wrong();
  }
  if (!from_hex(hash, set.sum_)) return wrong();
  return set;
}

}  // namespace narrowcast::calib

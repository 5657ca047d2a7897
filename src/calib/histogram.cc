#include "calib/histogram.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "calib/read_json.h"

namespace narrowcast::calib {
namespace {

using kernels::HistogramCounts;
using kernels::kHistogramBins;

constexpr uint64_t kNothing[kHistogramBins] = {};

void join_bins(uint64_t* bins, unsigned shift) {
  for (std::size_t i = 1; i < kHistogramBins; ++i) {
    const uint64_t count = bins[i];
    bins[i] = 0;
    bins[i >> shift] += count;
  }
}

Json packed(std::span<const uint64_t> bins) {
  Json list = Json::array();
  int64_t empty = 0;
  for (const uint64_t count : bins) {
    if (count == 0) {
      ++empty;
      continue;
    }
    if (empty > 0) list.push_back(-empty);
    empty = 0;
    list.push_back(count);
  }
  return list;
}

// Adds what it read to `total`.
Status unpack(const Json& from, const char* key, uint64_t* bins, uint64_t& total) {
  NC_TRY(const Json* const list, read_list(from, key));
  std::size_t bin = 0;
  for (const Json& entry : *list) {
    const int64_t number = entry.is_number_integer() ? entry.get<int64_t>() : 0;
    const uint64_t skipped = number < 0 ? uint64_t{0} - static_cast<uint64_t>(number) : 0;
    const bool fits = number > 0 ? bin < kHistogramBins && static_cast<uint64_t>(number) <= kMostCount
                                 : number < 0 && skipped < kHistogramBins - bin;
    if (!fits) return fail(ErrorCode::malformed, "'" + std::string(key) + "' holds no bins.");
    if (number > 0) {
      bins[bin++] = static_cast<uint64_t>(number);
      total = std::min(total + static_cast<uint64_t>(number), kMostCount + 1);
    } else {
      bin += static_cast<std::size_t>(skipped);
    }
  }
  return {};
}

// Whether the outermost bin of a side is the one of its extreme value.
bool reaches(const uint64_t* bins, float extreme, int exponent) {
  const auto only = std::make_unique<HistogramCounts>();
  if (extreme > 0) kernels::histogram_f32(&extreme, 1, exponent, *only);
  for (std::size_t i = kHistogramBins; i-- > 0;) {
    if (only->pos[i] > 0) return bins[i] > 0;
    if (bins[i] > 0) return false;
  }
  return true;
}

}  // namespace

int Histogram::exponent_for(float magnitude) {
  const auto pattern = std::bit_cast<uint32_t>(magnitude);
  const int field = static_cast<int>(pattern >> 23);
  if (field > 0) return field - 137;
  return pattern >= 0x400000U ? kernels::kLeastHistogramExponent + 1 : kernels::kLeastHistogramExponent;
}

HistogramCounts& Histogram::counts() {
  if (counts_ == nullptr) counts_ = std::make_unique<HistogramCounts>();
  return *counts_;
}

void Histogram::widen(int exponent) {
  if (exponent <= exponent_) return;
  const auto shift = static_cast<unsigned>(std::min(exponent - exponent_, 31));
  exponent_ = exponent;
  if (counts_ == nullptr) return;
  join_bins(counts_->pos, shift);
  join_bins(counts_->neg, shift);
}

void Histogram::count(const void* x, std::size_t n, float largest) {
  widen(exponent_for(largest));
  kernels::histogram_f32(x, n, exponent_, counts());
}

void Histogram::merge(const Histogram& other) {
  if (other.counts_ == nullptr) return;
  Histogram same;
  same.exponent_ = other.exponent_;
  same.counts_ = std::make_unique<HistogramCounts>(*other.counts_);
  widen(other.exponent_);
  same.widen(exponent_);
  HistogramCounts& to = counts();
  for (std::size_t i = 0; i < kHistogramBins; ++i) {
    to.pos[i] += same.counts_->pos[i];
    to.neg[i] += same.counts_->neg[i];
  }
  to.zero += same.counts_->zero;
}

double Histogram::bin_width() const { return std::bit_cast<double>(static_cast<uint64_t>(exponent_ + 1023) << 52); }

std::span<const uint64_t> Histogram::positive() const { return counts_ == nullptr ? kNothing : counts_->pos; }
std::span<const uint64_t> Histogram::negative() const { return counts_ == nullptr ? kNothing : counts_->neg; }

void Histogram::write(Json& to) const {
  to["exponent"] = exponent_;
  to["zero"] = zeros();
  to["pos"] = packed(positive());
  to["neg"] = packed(negative());
}

Status Histogram::read(const Json& from, const Extremes& totals) {
  exponent_ = exponent_for(std::max(-totals.min, totals.max) + 0.0F);
  const auto stated = from.find("exponent");
  if (stated == from.end() || !stated->is_number_integer() || stated->get<int64_t>() != exponent_) {
    return fail(ErrorCode::malformed, "'exponent' does not follow from 'min' and 'max'.");
  }
  NC_TRY(counts().zero, read_count(from, "zero"));
  uint64_t total = zeros();
  NC_CHECK(unpack(from, "pos", counts_->pos, total));
  NC_CHECK(unpack(from, "neg", counts_->neg, total));
  if (total != totals.finite) return fail(ErrorCode::malformed, "The bins' counts do not add up to 'finite'.");
  if (!reaches(counts_->pos, totals.max, exponent_) || !reaches(counts_->neg, -totals.min, exponent_)) {
    return fail(ErrorCode::malformed, "The outermost bins are not those of 'min' and 'max'.");
  }
  return {};
}

void HistogramObserver::take(const void* x, std::size_t n, uint32_t, const Extremes& found) {
  histogram_.count(x, n, std::max(-found.min, found.max) + 0.0F);
}

// Observers of one method are of one class.
Status HistogramObserver::join_state(const Observer& other) {
  histogram_.merge(static_cast<const HistogramObserver&>(other).histogram_);
  return {};
}

}  // namespace narrowcast::calib

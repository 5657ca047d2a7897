#include "exec/chain.h"

#include <algorithm>

namespace narrowcast::exec {
namespace {

using Kind = ChainSource::Kind;

constexpr std::size_t kStretch = 1024;  // floats: the buffers of a chain stay in the first-level cache

}  // namespace

Status ChainRun::begin(const Chain& chain, ops::Memory& memory, std::size_t row_length) {
  chain_ = &chain;
  row_length = std::max<std::size_t>(row_length, 1);
  if (row_length != row_length_) {
    row_length_ = row_length;
    rows_at_once_ = std::max<std::size_t>(kStretch / row_length, 1);
    channels_.clear();
    for (const std::vector<float>& channels : chain.channels) {
      std::vector<float>& repeated = channels_.emplace_back();
      for (std::size_t i = 0; i < rows_at_once_; ++i) {
        repeated.insert(repeated.end(), channels.begin(), channels.end());
      }
    }
  }
  if (chain.buffers <= 1) return {};
  const auto floats = static_cast<int64_t>((chain.buffers - 1) * kStretch);
  return ops::make_tensor_at(buffers_, memory, DType::f32, {floats}, ops::Layout::plain);
}

void ChainRun::end() {
  tensors_.clear();
  buffers_.clear();
}

const float* ChainRun::find(const ChainSource& source, float* rows, std::size_t at, std::size_t column) const {
  switch (source.kind) {
    case Kind::buffer:
      return source.index == 0 ? rows : buffers_.as<float>() + (source.index - 1) * kStretch;
    case Kind::scalar:
      return &source.scalar;
    case Kind::channels:
      return channels_[source.index].data() + column;
    case Kind::tensor:
      return tensors_[source.index].as<float>() + at;
  }
  return nullptr;
}

void ChainRun::run_stretch(float* rows, std::size_t at, std::size_t column, std::size_t count) const {
  for (const ChainStep& step : chain_->steps) {
    float* to = step.to == 0 ? rows : buffers_.writable<float>() + (step.to - 1) * kStretch;
    ops::run_lane(step.lane, {find(step.a, rows, at, column), step.a.kind != Kind::scalar},
                  {find(step.b, rows, at, column), step.b.kind != Kind::scalar}, to, count);
  }
}

void ChainRun::run(float* rows, std::size_t first_row, std::size_t row_count) const {
  std::size_t at = first_row * row_length_;
  if (row_length_ > kStretch) {
    for (std::size_t row = 0; row < row_count; ++row) {
      for (std::size_t column = 0; column < row_length_; column += kStretch) {
        const std::size_t count = std::min(kStretch, row_length_ - column);
        run_stretch(rows, at, column, count);
        rows += count;
        at += count;
      }
    }
    return;
  }
  for (std::size_t row = 0; row < row_count; row += rows_at_once_) {
    const std::size_t count = std::min(rows_at_once_, row_count - row) * row_length_;
    run_stretch(rows, at, 0, count);
    rows += count;
    at += count;
  }
}

}  // namespace narrowcast::exec

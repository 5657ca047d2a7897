#include "exec/row_chain.h"

namespace narrowcast::exec {
namespace {

using Kind = RowSource::Kind;

struct Place {
  std::span<const float* const> tensors;
  float* lines;
  float* numbers;
  std::size_t length;
  std::size_t first;  // element of the row, in tensors
};

const float* find(const RowChain& chain, const RowSource& source, const Place& place) {
  switch (source.kind) {
    case Kind::line:
      return place.lines + source.index * place.length;
    case Kind::number:
      return place.numbers + source.index;
    case Kind::scalar:
      return &source.scalar;
    case Kind::channels:
      return chain.channels[source.index].data();
    case Kind::tensor:
      return place.tensors[source.index] + place.first;
  }
  return nullptr;
}

void run_step(const RowChain& chain, const RowStep& step, const Place& place, float* to) {
  const float* a = find(chain, step.a, place);
  if (step.fold) return kernels::reduce_f32(*step.fold)(a, 1, place.length, 1, to);
  const float* b = step.lane.binary ? find(chain, step.b, place) : nullptr;
  ops::run_lane(step.lane, {a, step.a.is_line()}, {b, step.b.is_line()}, to, step.makes_line() ? place.length : 1);
}

}  // namespace

void run_rows(const RowChain& chain, std::span<const float* const> tensors, std::size_t row_count, std::size_t length,
              float* scratch, float* result) {
  Place place{tensors, scratch, scratch + chain.lines * length, length, 0};
  for (std::size_t row = 0; row < row_count; ++row, place.first += length) {
    for (const RowStep& step : chain.steps) {
      float* to = &step == &chain.steps.back() ? result + place.first
                  : step.makes_line()          ? place.lines + step.to * length
                                               : place.numbers + step.to;
      run_step(chain, step, place, to);
    }
  }
}

}  // namespace narrowcast::exec

#include "kernels/sqnr/sqnr.h"

#include <limits>

#include "base/math/log.h"

namespace narrowcast::kernels {
namespace {

double add_lanes(std::array<double, 16> lanes) {
  for (std::size_t half = 8; half > 0; half /= 2) {
    for (std::size_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  }
  return lanes[0];
}

}  // namespace

SqnrEnergy sqnr_energy(const SqnrSums& sums) { return {add_lanes(sums.signal), add_lanes(sums.noise)}; }

double sqnr_db(const SqnrEnergy& energy) {
  if (energy.signal != energy.signal || energy.noise != energy.noise) return std::numeric_limits<double>::quiet_NaN();
  if (energy.noise == 0) return std::numeric_limits<double>::infinity();
  return 10.0 * math::log10(energy.signal / energy.noise);
}

}  // namespace narrowcast::kernels

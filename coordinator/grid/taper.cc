#include "coordinator/grid/taper.h"

#include <algorithm>

namespace firstguess {
namespace {

struct Step {
  uint64_t whole_packs_left = 0;
  uint64_t parts = 1;
};
constexpr Step kSteps[] = {{64, 2}, {32, 4}, {16, 8}};

uint64_t DividedUp(uint64_t places, uint64_t size) { return (places + size - 1) / size; }

}  // namespace

uint64_t Taper::PartSize(uint64_t left) const {
  uint64_t size = whole;
  for (const Step& step : kSteps) {
    // Divided, as a product may not fit.
    if (left / step.whole_packs_left < whole) size = DividedUp(whole, step.parts);
  }
  return std::clamp(smallest, size, whole);
}

uint64_t Taper::Packs(uint64_t left, uint64_t places) const {
  uint64_t packs = 0;
  for (uint64_t done = 0; done < places;) {
    const uint64_t size = PartSize(left - done);
    // Whole packs from here that are cut alike.
    uint64_t alike = (places - done) / whole;
    for (const Step& step : kSteps) {
      const uint64_t few = step.whole_packs_left * whole;
      if (left - done >= few) {
        alike = std::min(alike, (left - done - few) / whole + 1);
        break;
      }
    }
    packs += alike * DividedUp(whole, size);
    done += alike * whole;
    if (places - done < whole) {
      packs += DividedUp(places - done, PartSize(left - done));
      break;
    }
  }
  return packs;
}

}  // namespace firstguess

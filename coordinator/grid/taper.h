#pragma once

#include <cstdint>

namespace firstguess {

// How the packs of a plan get smaller towards its end, so that no worker is left alone with a large
// one while the others have nothing to do. A shape's cells are cut in whole packs of equal size;
// one that begins with fewer than 64, 32 or 16 of its size left in the plan is cut in parts of a
// half, a quarter or an eighth of it. How many workers there will be is not known: with up to 64
// the last parts keep all of them busy, and with few the smaller packs cost little.
//
// A part of a whole pack begins at a multiple of the part's size in it, so that a place is inverted
// without a sum over the packs before it.
struct Taper {
  uint64_t whole = 1;     // places of a whole pack
  uint64_t smallest = 1;  // what is shorter than this is not worth a pack of its own

  // Places of each part but the last of a whole pack that begins with `left` places left in the
  // plan, itself among them.
  uint64_t PartSize(uint64_t left) const;

  // Packs of a shape that begins with `left` places left in the plan and has `places` of them.
  uint64_t Packs(uint64_t left, uint64_t places) const;
};

}  // namespace firstguess

#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "common/spec/scalar_reader.h"
#include "common/spec/sweep.h"
#include "common/spec/sweep_values.h"

namespace firstguess {

// One map of axes, with the places of the fields on them: of their keys, and of their values.
struct GridRead {
  AxisProduct product;
  FieldPlaces keys;
  FieldPlaces values;
};

// What stands under `grid`.
struct GridsRead {
  std::vector<GridRead> grids;                 // those that could be read, as far as they could
  absl::flat_hash_set<std::string> mentioned;  // keys that stand or were meant to stand there
  absl::flat_hash_set<std::string> invalid;    // fields whose axis could not be read
};

// Reads `grid`, whose key is at `place`: a map of axes, or a list of such maps, their union.
//
//   {width: [32, 64], zip: {batch_size: [32, 128], learning_rate: [0.01, 0.04]}}
//
// `zip` is a map of fields whose values run together as one axis, or a list of such maps.
GridsRead ReadGrids(const YamlNode& node, Place place, ReadContext& context);

}  // namespace firstguess

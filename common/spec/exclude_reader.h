#pragma once

#include <vector>

#include "common/spec/scalar_reader.h"
#include "common/spec/sweep.h"

namespace firstguess {

// Reads `exclude`: a list of at most 64 partial matches over fields of the sweep's grids.
//
//   exclude:
//     - {width: 128, loss: {blurry: {gamma: 0.3}}}
//     - {depth: [5, 6], loss: blurry}              # any of the depths, blurry whatever its gamma
//
// A field that is on no axis, and a value that no axis has, are errors. `sweep` has its grids.
std::vector<Exclude> ReadExcludes(const YamlNode& node, const Sweep& sweep, ReadContext& context);

}  // namespace firstguess

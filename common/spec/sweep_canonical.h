#pragma once

#include <string>

#include "common/spec/sweep.h"

namespace firstguess {

// Everything that `sweep` says as canonical JSON, `canonical` aside: settings, the fields off the
// axes (less those that can have no effect), and the axes in order. Integers in equal rising steps
// are written as a range, however the file wrote them, and losses with all their parameters. Two
// files that say the same give the same text.
std::string CanonicalSpec(const Sweep& sweep);

}  // namespace firstguess

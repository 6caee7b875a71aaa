#pragma once

#include <map>
#include <string>

#include "common/spec/spec_errors.h"
#include "common/spec/sweep.h"

namespace firstguess {

// Where each field got its value or its axis, of those that a sweep file names and whose values
// were read.
using FieldPlaces = std::map<std::string, Place, std::less<>>;

// Adds an error if some cell has a batch larger than the training examples that its class_imbalance
// leaves of its data set, or a probe set larger than the test examples. REQUIRES: `sweep` has a
// data set, and batch_size, class_imbalance and probe_size are valid.
void CheckExamples(const Sweep& sweep, const FieldPlaces& places, SpecErrors& errors);

}  // namespace firstguess

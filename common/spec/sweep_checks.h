#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "common/spec/spec_errors.h"
#include "common/spec/sweep.h"
#include "common/spec/sweep_values.h"

namespace firstguess {

// Adds an error if one of `cells` has a batch larger than the training examples that its
// class_subset and class_imbalance leave of its data set, a probe set larger than the test
// examples, or a class that the data set has not. Of one's own arrays only the classes are checked:
// what they hold is not known here. REQUIRES: they have a data set, and FieldsOfExamples() are
// valid.
const std::vector<absl::string_view>& FieldsOfExamples();
void CheckExamples(const CellValues& cells, const FieldPlaces& places, SpecErrors& errors);

// Adds an error where fields of a trial contradict each other. REQUIRES: FieldsOfTogether() are
// valid.
const std::vector<absl::string_view>& FieldsOfTogether();
void CheckTogether(const CellValues& cells, const FieldPlaces& places, SpecErrors& errors);

}  // namespace firstguess

#pragma once

#include <vector>

#include "common/spec/fields.h"

namespace firstguess {

// The parts of the table of trial fields, in its order. Called once, by TrialFields().

std::vector<Field> NetworkFields();   // the data set's name, the model, its initial weights
std::vector<Field> TrainingFields();  // loss and updates
std::vector<Field> DataAndMeasurementFields();  // labels, generated data, seeds, snapshots

inline constexpr double kMaxUpdates = 1e9;

}  // namespace firstguess

#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/spec/sweep.h"
#include "common/spec/trial.h"
#include "coordinator/state/state.h"

namespace firstguess {

// What a worker has to be able to compute to be given a pack.
struct Shape {
  std::string key;  // ShapeKey of its trials
  std::string dataset;
};

std::shared_ptr<const Shape> ShapeOf(const TrialConfig& config);

// Shapes that a worker said it is incapable of, with its words.
using BarredShapes = std::map<std::string, std::string>;

bool MeetsRequirements(const WorkerDescription& worker, const Requirements& needs);

bool CanRunShape(const WorkerDescription& worker, const BarredShapes& barred, const Shape& shape);

// "device cuda, label big, data set mnist".
std::string NeedsText(const Requirements& needs, const Shape& shape);

}  // namespace firstguess

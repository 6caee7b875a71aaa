#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/spec/model_layers.h"
#include "common/spec/spec_errors.h"
#include "common/spec/sweep.h"
#include "common/spec/sweep_values.h"

namespace firstguess {

// Why a model can't be trained or measured, in a sentence, and the fields to change, the most
// likely one first.
struct Misfit {
  std::vector<absl::string_view> fields;
  std::string message;
};

// Nothing if `config`'s model takes inputs of shape `image`: a cnn or a resnet needs images, a
// resnet some left to halve in its last stage, and batch normalisation two examples.
std::optional<Misfit> FindMisfit(const TrialConfig& config, const ImageShape& image);

// Adds an error for each kind of misfit that some of `cells` has. Of one's own arrays, whose
// shape is not known here, only what doesn't depend on it. REQUIRES: FieldsOfModels() are valid.
const std::vector<absl::string_view>& FieldsOfModels();
void CheckModels(const CellValues& cells, const FieldPlaces& places, SpecErrors& errors);

}  // namespace firstguess

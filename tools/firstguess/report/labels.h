#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tools/firstguess/report/sweep_data.h"

namespace firstguess {

// Names as a report prints them.

// "learning_rate" -> "learning rate".
std::string FieldLabel(absl::string_view name);

// "relu", "64", "0.0005"; "none" for NULL.
std::string ValueLabel(const SqlValue& value);

// The values of a field in a few words: "32, 64", "0 to 999 (1000 values)".
std::string ValuesLabel(const TrialField& field);

// "cross-entropy", "blurry, gamma 0.5, from step 50": name, numbers, those words that are not the
// loss's default, delay. `loss_params` is a JSON object; text that is none is shown as it is.
std::string TreatmentLabel(absl::string_view loss, absl::string_view loss_params,
                           int64_t loss_delay_steps);

// What the classes of a data set are called; "class 0", … where that is not known.
std::vector<std::string> ClassNames(absl::string_view dataset, int64_t classes);

}  // namespace firstguess

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/store/curves.h"
#include "coordinator/store/sqlite/database.h"

namespace firstguess {

// The finished trials that a sweep's curves are made of.
struct CurveTrials {
  std::vector<TrialId> trials;
  int64_t finished = 0;
};

// At most `request.most_trials`, drawn without regard to what they are.
absl::StatusOr<CurveTrials> DrawTrials(sqlite::Database* database, const CurveRequest& request);

// A trial's fields, in the order of TrialFields(), as SQL has them; NULL: without effect in it.
using FieldTexts = std::vector<std::optional<std::string>>;

// Of each of the trials.
absl::StatusOr<std::vector<FieldTexts>> ReadFields(sqlite::Database* database,
                                                   const std::vector<TrialId>& trials);

}  // namespace firstguess

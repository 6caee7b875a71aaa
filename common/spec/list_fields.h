#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/spec/trial.h"

namespace firstguess {

// Fields that are lists: one word, items apart by commas, in one order and spelling. The functions
// Canonical… bring a list to it (Field::canonical); the others read it and REQUIRE that it is so.

// class_subset: "0,3,7", rising; at least two, or none for all.
absl::StatusOr<std::string> CanonicalClasses(absl::string_view text);
std::vector<int64_t> Classes(absl::string_view class_subset);

// noise_matrix: one row a class, `from>to` with the share that goes there if it is not 1:
// "3>5,5>3:0.5,5>6:0.5", rising. The shares of a class add up to at most 1; what is left keeps its
// label. A class without a row keeps all of them.
struct NoiseEntry {
  int64_t from = 0;
  int64_t to = 0;
  double share = 1;
};
absl::StatusOr<std::string> CanonicalNoiseMatrix(absl::string_view text);
std::vector<NoiseEntry> NoiseMatrix(absl::string_view noise_matrix);

// confusion_steps: "0,10,200", rising.
absl::StatusOr<std::string> CanonicalSteps(absl::string_view text);
std::vector<int64_t> Steps(absl::string_view confusion_steps);

// groups: measured quantities beyond those that every trial has, in the order of the alphabet.
absl::StatusOr<std::string> CanonicalGroups(absl::string_view text);
// Whether `config` has the group `name`.
bool HasGroup(const TrialConfig& config, absl::string_view name);

}  // namespace firstguess

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "tools/firstguess/report/sweep_data.h"

namespace firstguess {

// Numbers the values of the fields of trials as they are read. Thread-compatible.
class FieldValues {
 public:
  explicit FieldValues(std::vector<std::string> names);

  // A number for `value` of field `field`, the same for equal values. Finish makes it final.
  uint32_t Number(size_t field, SqlValue value);

  // Moves the fields into `data`, their values in ascending order, and renumbers its trials.
  void Finish(SweepData* data);

 private:
  std::vector<std::string> names_;
  std::vector<absl::flat_hash_map<SqlValue, uint32_t>> numbers_;
};

}  // namespace firstguess

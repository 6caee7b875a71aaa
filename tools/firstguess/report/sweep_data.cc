#include "tools/firstguess/report/sweep_data.h"

#include <cstddef>

namespace firstguess {

bool IsSeed(const TrialField& field) { return field.name == "seed" || field.name == "data_seed"; }

size_t FieldIndex(const SweepData& data, const std::string& name) {
  size_t index = 0;
  while (data.fields[index].name != name) ++index;
  return index;
}

const SqlValue& ValueOf(const SweepData& data, const TrialRow& trial, size_t field) {
  return data.fields[field].values[trial.values[field]];
}

std::vector<size_t> VaryingFields(const SweepData& data) {
  std::vector<size_t> varying;
  for (size_t i = 0; i < data.fields.size(); ++i) {
    if (data.fields[i].values.size() > 1) varying.push_back(i);
  }
  return varying;
}

}  // namespace firstguess

#include "tools/firstguess/report/field_values.h"

#include <algorithm>
#include <utility>

namespace firstguess {

FieldValues::FieldValues(std::vector<std::string> names)
    : names_(std::move(names)), numbers_(names_.size()) {}

uint32_t FieldValues::Number(size_t field, SqlValue value) {
  const auto next = static_cast<uint32_t>(numbers_[field].size());
  return numbers_[field].try_emplace(std::move(value), next).first->second;
}

void FieldValues::Finish(SweepData* data) {
  for (size_t field = 0; field < names_.size(); ++field) {
    std::vector<std::pair<SqlValue, uint32_t>> ordered(numbers_[field].begin(),
                                                       numbers_[field].end());
    std::sort(ordered.begin(), ordered.end());
    std::vector<uint32_t> position(ordered.size());
    TrialField result{.name = names_[field], .values = {}};
    for (auto& [value, number] : ordered) {
      position[number] = static_cast<uint32_t>(result.values.size());
      result.values.push_back(std::move(value));
    }
    data->fields.push_back(std::move(result));
    for (TrialRow& trial : data->trials) trial.values[field] = position[trial.values[field]];
  }
}

}  // namespace firstguess

#include "common/spec/sweep_values.h"

namespace firstguess {

Place PlaceOf(const std::vector<absl::string_view>& fields, const FieldPlaces& places) {
  for (const absl::string_view field : fields) {
    const auto found = places.find(std::string(field));
    if (found != places.end()) return found->second;
  }
  return {};
}

const Axis* FindAxis(const Sweep& sweep, absl::string_view field) {
  for (const Axis& axis : sweep.axes) {
    if (axis.field() == field) return &axis;
  }
  return nullptr;
}

std::vector<FieldValue> ValuesOf(const Sweep& sweep, absl::string_view field) {
  const Axis* axis = FindAxis(sweep, field);
  if (axis == nullptr) return {GetField(sweep.base, *FindField(field))};
  if (axis->range() != nullptr) return {axis->at(0), axis->at(axis->size() - 1)};
  std::vector<FieldValue> values;
  for (uint64_t i = 0; i < axis->size(); ++i) values.push_back(axis->at(i));
  return values;
}

}  // namespace firstguess

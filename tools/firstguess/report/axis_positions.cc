#include "tools/firstguess/report/axis_positions.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "tools/firstguess/report/labels.h"

namespace firstguess {

AxisPositions::AxisPositions(const SweepData& data)
    : data_(&data), fields_(VaryingFields(data)), marked_(fields_.size()) {}

size_t AxisPositions::AxisOf(size_t field) const {
  return static_cast<size_t>(std::find(fields_.begin(), fields_.end(), field) - fields_.begin());
}

void AxisPositions::MarkTrial(const TrialRow& trial) {
  for (size_t axis = 0; axis < fields_.size(); ++axis) {
    marked_[axis].insert(trial.values[fields_[axis]]);
  }
}

int64_t AxisPositions::PositionOf(size_t field, uint32_t value) const {
  const std::set<uint32_t>& marked = marked_[AxisOf(field)];
  return std::distance(marked.begin(), marked.find(value));
}

nlohmann::json AxisPositions::PositionsJson(const std::vector<size_t>& fields,
                                            const std::vector<uint32_t>& values) const {
  nlohmann::json positions = nlohmann::json::array();
  for (size_t i = 0; i < fields.size(); ++i) positions.push_back(PositionOf(fields[i], values[i]));
  return positions;
}

nlohmann::json AxisPositions::AxesJson(const std::vector<size_t>& fields) const {
  nlohmann::json axes = nlohmann::json::array();
  for (const size_t field : fields) axes.push_back(AxisOf(field));
  return axes;
}

nlohmann::json AxisPositions::ToJson() const {
  nlohmann::json axes = nlohmann::json::array();
  for (size_t axis = 0; axis < fields_.size(); ++axis) {
    const TrialField& field = data_->fields[fields_[axis]];
    nlohmann::json values = nlohmann::json::array();
    for (const uint32_t value : marked_[axis]) values.push_back(ValueJson(field.values[value]));
    axes.push_back({{"name", field.name},
                    {"label", FieldLabel(field.name)},
                    {"summary", ValuesLabel(field)},
                    {"values", std::move(values)}});
  }
  return axes;
}

nlohmann::json ValueJson(const SqlValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
  if (const auto* real = std::get_if<double>(&value)) return NumberJson(*real);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return nullptr;
}

nlohmann::json NumberJson(double value) {
  if (!std::isfinite(value)) return nullptr;
  return value;
}

nlohmann::json OptionalJson(const std::optional<double>& value) {
  return value.has_value() ? NumberJson(*value) : nlohmann::json(nullptr);
}

}  // namespace firstguess

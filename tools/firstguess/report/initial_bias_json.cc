#include "tools/firstguess/report/initial_bias_json.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tools/firstguess/report/labels.h"

namespace firstguess {
namespace {

using nlohmann::json;

// A field with more values is no good as a horizontal axis, or as a set of lines.
constexpr size_t kMostPlaces = 200;
constexpr size_t kMostLines = 10;

// Depth if it varies, else the next field that does, else depth all the same.
size_t HorizontalField(const SweepData& data) {
  for (const size_t least : {size_t{2}, size_t{0}}) {
    for (const char* name :
         {"depth", "width", "init_scale", "bias_scale", "activation", "init", "dataset", "model"}) {
      const size_t field = FieldIndex(data, name);
      const size_t values = data.fields[field].values.size();
      if (values >= least && values <= kMostPlaces) return field;
    }
  }
  return FieldIndex(data, "model");
}

json MeansJson(const SweepData& data, const std::vector<Start>& starts, size_t x,
               std::optional<size_t> series) {
  json means = json::array();
  for (const StartMean& mean : MeanOfStarts(data, starts, x, series)) {
    means.push_back({{"x", mean.x},
                     {"series", mean.series},
                     {"starts", mean.starts},
                     {"values", {NumberJson(mean.max_guess), NumberJson(mean.favoured_prob)}},
                     {"theory", NumberJson(mean.expected_max_guess)}});
  }
  return means;
}

json AllValuesJson(const TrialField& field) {
  json values = json::array();
  for (const SqlValue& value : field.values) values.push_back(ValueJson(value));
  return values;
}

}  // namespace

InitialBias FindInitialBias(const ReportSource& source, AxisPositions* axes) {
  const SweepData& data = *source.data;
  InitialBias bias{.starts = DistinctStarts(data), .x = HorizontalField(data)};
  const size_t stride =
      (bias.starts.size() + source.limits.points - 1) / std::max<size_t>(source.limits.points, 1);
  for (size_t i = 0; i < bias.starts.size(); i += std::max<size_t>(stride, 1)) {
    bias.points.push_back(i);
  }
  for (const size_t field : StartFields(data)) {
    const TrialField& values = data.fields[field];
    if (values.values.size() < 2) continue;
    bias.fields.push_back(field);
    for (const size_t point : bias.points) {
      axes->Mark(field, data.trials[bias.starts[point].trial].values[field]);
    }
    if (field == bias.x || IsSeed(values) || values.values.size() > kMostLines) continue;
    bias.series.push_back(field);
    for (uint32_t value = 0; value < values.values.size(); ++value) axes->Mark(field, value);
  }
  return bias;
}

json InitialBiasJson(const SweepData& data, const InitialBias& bias, const AxisPositions& axes) {
  json points = json::array();
  for (const size_t point : bias.points) {
    const Start& start = bias.starts[point];
    const TrialRow& trial = data.trials[start.trial];
    json positions = json::array();
    for (const size_t field : bias.fields) {
      positions.push_back(axes.PositionOf(field, trial.values[field]));
    }
    points.push_back({{"axes", std::move(positions)},
                      {"x", trial.values[bias.x]},
                      {"values", {NumberJson(start.max_guess), NumberJson(start.favoured_prob)}}});
  }
  json splits = json::array();
  splits.push_back({{"name", ""},
                    {"label", ""},
                    {"axis", -1},
                    {"values", json::array()},
                    {"means", MeansJson(data, bias.starts, bias.x, std::nullopt)}});
  for (const size_t field : bias.series) {
    const auto axis = std::find(bias.fields.begin(), bias.fields.end(), field);
    splits.push_back({{"name", data.fields[field].name},
                      {"label", FieldLabel(data.fields[field].name)},
                      {"axis", axis - bias.fields.begin()},
                      {"values", AllValuesJson(data.fields[field])},
                      {"means", MeansJson(data, bias.starts, bias.x, field)}});
  }
  return {
      {"axes", axes.AxesJson(bias.fields)},
      {"x", {{"name", data.fields[bias.x].name}, {"label", FieldLabel(data.fields[bias.x].name)}}},
      {"x_values", AllValuesJson(data.fields[bias.x])},
      {"starts", bias.starts.size()},
      {"points", std::move(points)},
      {"splits", std::move(splits)}};
}

}  // namespace firstguess

#include "coordinator/web/curves_json.h"

#include <cmath>
#include <string>
#include <utility>

namespace firstguess {
namespace {

using Json = nlohmann::ordered_json;

// What is drawn is fractions.
double Rounded(double value) { return std::round(value * 1e6) / 1e6; }

Json LineJson(const Curves::Line& line) {
  Json steps = Json::array();
  Json low = Json::array();
  Json middle = Json::array();
  Json high = Json::array();
  for (const Curves::Point& point : line.points) {
    steps.push_back(point.step);
    low.push_back(Rounded(point.low));
    middle.push_back(Rounded(point.middle));
    high.push_back(Rounded(point.high));
  }
  return {{"rank", line.initial_rank < 0 ? Json() : Json(line.initial_rank)},
          {"steps", std::move(steps)},
          {"low", std::move(low)},
          {"middle", std::move(middle)},
          {"high", std::move(high)}};
}

}  // namespace

Json CurvesJson(const Curves& curves, absl::string_view quantity) {
  Json panels = Json::array();
  for (const Curves::Panel& panel : curves.panels) {
    Json lines = Json::array();
    for (const Curves::Line& line : panel.lines) lines.push_back(LineJson(line));
    panels.push_back({{"value", panel.value},
                      {"trials", panel.trials},
                      {"diverged", panel.diverged},
                      {"lines", std::move(lines)}});
  }
  return {{"of", std::string(quantity)}, {"by", curves.axis},     {"axes", curves.axes},
          {"finished", curves.finished}, {"drawn", curves.drawn}, {"values", curves.values},
          {"panels", std::move(panels)}};
}

}  // namespace firstguess

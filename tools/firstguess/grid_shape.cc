#include "tools/firstguess/grid_shape.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/table.h"

namespace firstguess {
namespace {

// Longer axes are drawn so long, with an arrow at the end. A narrow terminal's room is for values.
constexpr uint64_t kLongestBar = 20;
constexpr uint64_t kLongestNarrowBar = 5;
constexpr int kNarrow = 60;
// Of more values, the first ones and the last one are named.
constexpr uint64_t kMostValues = 8;

std::string SizeBar(uint64_t size, uint64_t longest) {
  if (size <= longest) return std::string(size, '#');
  return std::string(longest - 1, '#') + ">";
}

std::string ValuesText(const Column& column) {
  const uint64_t size = column.size();
  const bool regular = column.range() != nullptr && size > 3;
  const uint64_t named = regular ? 2 : size <= kMostValues ? size : kMostValues - 1;
  std::vector<std::string> values;
  for (uint64_t i = 0; i < named; ++i) values.push_back(ToText(column.at(i)));
  if (named < size) values.push_back(absl::StrCat("\u2026 ", ToText(column.at(size - 1))));
  return absl::StrJoin(values, ", ");
}

std::vector<std::string> AxisFields(const Axis& axis) {
  std::vector<std::string> fields;
  for (const Column& column : axis.columns()) fields.push_back(column.field());
  return fields;
}

}  // namespace

void PrintGridShape(const Sweep& sweep, Terminal* out) {
  const bool narrow = out->width() > 0 && out->width() < kNarrow;
  const uint64_t longest_bar = narrow ? kLongestNarrowBar : kLongestBar;
  for (size_t i = 0; i < sweep.grids.size(); ++i) {
    const AxisProduct& grid = sweep.grids[i];
    if (sweep.grids.size() > 1) {
      out->Write(absl::StrCat("grid ", i + 1, " of ", sweep.grids.size(), "\n"));
    }
    Table table(
        {{"axis"}, {"size", Table::Align::kRight}, {""}, {"values", Table::Align::kLeft, true}});
    std::vector<std::string> sizes;
    for (const Axis& axis : grid.axes) {
      std::vector<std::string> values;
      for (const Column& column : axis.columns()) values.push_back(ValuesText(column));
      sizes.push_back(FormatCount(static_cast<int64_t>(axis.size())));
      table.AddRow({absl::StrJoin(AxisFields(axis), " + "), sizes.back(),
                    SizeBar(axis.size(), longest_bar), absl::StrJoin(values, " with ")});
    }
    if (!grid.axes.empty()) table.Print(out);
    out->Write(absl::StrCat(sizes.empty() ? "no axes: 1" : absl::StrJoin(sizes, " x "),
                            sizes.size() > 1 ? " = " : "",
                            sizes.size() > 1 ? FormatCount(static_cast<int64_t>(grid.cells())) : "",
                            grid.cells() == 1 ? " cell\n\n" : " cells\n\n"));
  }
}

nlohmann::ordered_json GridShapeJson(const Sweep& sweep) {
  nlohmann::ordered_json grids = nlohmann::ordered_json::array();
  for (const AxisProduct& grid : sweep.grids) {
    nlohmann::ordered_json axes = nlohmann::ordered_json::array();
    for (const Axis& axis : grid.axes) {
      std::vector<std::string> first;
      std::vector<std::string> last;
      for (const Column& column : axis.columns()) {
        first.push_back(ToText(column.at(0)));
        last.push_back(ToText(column.at(column.size() - 1)));
      }
      axes.push_back(
          {{"fields", AxisFields(axis)}, {"size", axis.size()}, {"first", first}, {"last", last}});
    }
    grids.push_back({{"cells", grid.cells()}, {"axes", std::move(axes)}});
  }
  return grids;
}

}  // namespace firstguess

#include "tools/firstguess/report/table_json.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace firstguess {

using nlohmann::json;

SweepTable MakeTable(const ReportSource& source, AxisPositions* axes) {
  const SweepData& data = *source.data;
  SweepTable table;
  for (const size_t field : axes->fields()) {
    if (!IsSeed(data.fields[field])) table.fields.push_back(field);
  }
  table.rows = AggregateSeeds(data, table.fields);
  table.total = table.rows.size();
  if (table.total > source.limits.rows) {
    std::vector<size_t> order(table.total);
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&table](size_t a, size_t b) {
      return table.rows[a].initial_prob.value_or(-1) > table.rows[b].initial_prob.value_or(-1);
    });
    order.resize(source.limits.rows);
    std::sort(order.begin(), order.end());
    std::vector<TableRow> kept;
    for (const size_t row : order) kept.push_back(std::move(table.rows[row]));
    table.rows = std::move(kept);
  }
  for (const TableRow& row : table.rows) {
    for (size_t i = 0; i < table.fields.size(); ++i) axes->Mark(table.fields[i], row.values[i]);
  }
  return table;
}

json TableJson(const SweepTable& table, const AxisPositions& axes) {
  json rows = json::array();
  for (const TableRow& row : table.rows) {
    rows.push_back({{"axes", axes.PositionsJson(table.fields, row.values)},
                    {"treatment", row.treatment},
                    {"trials", row.trials},
                    {"diverged", row.diverged},
                    {"failed", row.failed},
                    {"initial_max_guess", OptionalJson(row.initial_max_guess)},
                    {"initial_prob", OptionalJson(row.initial_prob)},
                    {"final_max_guess", OptionalJson(row.final_max_guess)},
                    {"final_prob", OptionalJson(row.final_prob)},
                    {"above_chance", OptionalJson(row.above_chance)},
                    {"accuracy", OptionalJson(row.accuracy)}});
  }
  return {{"axes", axes.AxesJson(table.fields)}, {"total", table.total}, {"rows", std::move(rows)}};
}

}  // namespace firstguess

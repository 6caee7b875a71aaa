#include "coordinator/store/curve_trials.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/spec/fields.h"

namespace firstguess {
namespace {

// Draws by chance end here: the sweep is a small part of the table, and a few trials have to do.
constexpr uint64_t kMostDraws = 100'000;

// A bijection whose values look like chance (splitmix64).
uint64_t Mixed(uint64_t number) {
  number += 0x9e3779b97f4a7c15u;
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9u;
  number = (number ^ (number >> 27)) * 0x94d049bb133111ebu;
  return number ^ (number >> 31);
}

uint64_t Mixed(TrialId trial_id) { return Mixed(static_cast<uint64_t>(trial_id)); }

// Goes through the sweep's cells and keeps the trials that come first in a mixed order.
absl::StatusOr<CurveTrials> Scan(sqlite::Database* database, const CurveRequest& request) {
  absl::StatusOr<sqlite::Statement> select = database->Prepare(
      "SELECT DISTINCT trial.trial_id FROM cell CROSS JOIN trial ON trial.trial_id = cell.trial_id"
      " WHERE cell.sweep_id = ? AND cell.dropped_in IS NULL AND trial.status = 'done'");
  if (!select.ok()) return select.status();
  CurveTrials found;
  sqlite::Run run(&*select, request.sweep_id);
  for (;;) {
    const absl::StatusOr<bool> row = run.Step();
    if (!row.ok()) return row.status();
    if (!*row) break;
    found.trials.push_back(run.row().Integer(0));
  }
  found.finished = static_cast<int64_t>(found.trials.size());
  if (found.finished > request.most_trials) {
    const auto end = found.trials.begin() + request.most_trials;
    std::nth_element(found.trials.begin(), end, found.trials.end(),
                     [](TrialId a, TrialId b) { return Mixed(a) < Mixed(b); });
    found.trials.erase(end, found.trials.end());
  }
  return found;
}

// Takes rows of the table of cells by chance.
absl::StatusOr<CurveTrials> Sample(sqlite::Database* database, const CurveRequest& request) {
  const absl::StatusOr<int64_t> rows =
      database->QueryInteger("SELECT coalesce(max(rowid), 0) FROM cell");
  if (!rows.ok()) return rows.status();
  absl::StatusOr<sqlite::Statement> select = database->Prepare(
      "SELECT trial.trial_id FROM cell CROSS JOIN trial ON trial.trial_id = cell.trial_id"
      " WHERE cell.rowid = ? AND cell.sweep_id = ? AND cell.dropped_in IS NULL"
      " AND trial.status = 'done'");
  if (!select.ok()) return select.status();
  std::set<TrialId> trials;
  for (uint64_t draw = 0; draw<kMostDraws&& * rows> 0; ++draw) {
    if (static_cast<int64_t>(trials.size()) >= request.most_trials) break;
    sqlite::Run run(&*select, Mixed(draw) % static_cast<uint64_t>(*rows) + 1, request.sweep_id);
    const absl::StatusOr<bool> row = run.Step();
    if (!row.ok()) return row.status();
    if (*row) trials.insert(run.row().Integer(0));
  }
  return CurveTrials{.trials = {trials.begin(), trials.end()}, .finished = request.done};
}

}  // namespace

absl::StatusOr<CurveTrials> DrawTrials(sqlite::Database* database, const CurveRequest& request) {
  absl::StatusOr<CurveTrials> found =
      request.done > request.most_scanned ? Sample(database, request) : Scan(database, request);
  // In the order in which their rows lie.
  if (found.ok()) std::sort(found->trials.begin(), found->trials.end());
  return found;
}

absl::StatusOr<std::vector<FieldTexts>> ReadFields(sqlite::Database* database,
                                                   const std::vector<TrialId>& trials) {
  std::string columns;
  for (const Field& field : TrialFields()) {
    absl::StrAppend(&columns, columns.empty() ? "" : ", ", field.name);
    if (field.type() == FieldType::kLoss) absl::StrAppend(&columns, " || ", field.name, "_params");
  }
  absl::StatusOr<sqlite::Statement> select =
      database->Prepare(absl::StrCat("SELECT ", columns, " FROM trial WHERE trial_id = ?"));
  if (!select.ok()) return select.status();
  std::vector<FieldTexts> fields;
  for (const TrialId trial_id : trials) {
    sqlite::Run run(&*select, trial_id);
    const absl::StatusOr<bool> row = run.Step();
    if (!row.ok()) return row.status();
    FieldTexts& values = fields.emplace_back();
    for (int i = 0; i < run.row().columns(); ++i) {
      values.push_back(run.row().IsNull(i) ? std::nullopt : std::optional(run.row().Text(i)));
    }
  }
  return fields;
}

}  // namespace firstguess

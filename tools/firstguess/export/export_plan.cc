#include "tools/firstguess/export/export_plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/hash.h"
#include "tools/firstguess/export/table_reader.h"

namespace firstguess {
namespace {

using Json = nlohmann::ordered_json;

// So many rows of `trial` a transaction.
constexpr int64_t kTrialsLookedAt = 20'000;

constexpr absl::string_view kAlways[] = {"trial", "trial_class", "snapshot", "class_snapshot"};
constexpr absl::string_view kIfMeasured[] = {"class_logit", "confusion", "layer_snapshot",
                                             "noise_snapshot", "sharpness_snapshot"};

absl::StatusOr<Json> Revisions(sqlite::Database* database, int64_t sweep_id) {
  absl::StatusOr<sqlite::Statement> select = database->Prepare(
      "SELECT revision, submitted_at, spec, canonical FROM sweep_revision WHERE sweep_id = ?1"
      " ORDER BY revision");
  if (!select.ok()) return select.status();
  select->Bind(1, sweep_id);
  Json revisions = Json::array();
  for (;;) {
    const absl::StatusOr<bool> row = select->Step();
    if (!row.ok()) return row.status();
    if (!*row) return revisions;
    revisions.push_back({{"revision", select->Integer(0)},
                         {"submitted_at", select->Real(1)},
                         {"spec", select->Text(2)},
                         {"canonical", select->Text(3)}});
  }
}

absl::StatusOr<Json> Sweeps(sqlite::Database* database, const std::string& name) {
  absl::StatusOr<sqlite::Statement> select = database->Prepare(
      "SELECT sweep_id, name, revision, state, cells, done, failed, cancelled, leased, diverged,"
      " created_at FROM sweep WHERE ?1 = '' OR name = ?1 ORDER BY sweep_id");
  if (!select.ok()) return select.status();
  select->Bind(1, name);
  Json sweeps = Json::array();
  for (;;) {
    const absl::StatusOr<bool> row = select->Step();
    if (!row.ok()) return row.status();
    if (!*row) break;
    absl::StatusOr<Json> revisions = Revisions(database, select->Integer(0));
    if (!revisions.ok()) return revisions.status();
    sweeps.push_back({{"sweep_id", select->Integer(0)},
                      {"name", select->Text(1)},
                      {"revision", select->Integer(2)},
                      {"state", select->Text(3)},
                      {"cells", select->Integer(4)},
                      {"done", select->Integer(5)},
                      {"failed", select->Integer(6)},
                      {"cancelled", select->Integer(7)},
                      {"leased", select->Integer(8)},
                      {"diverged", select->Integer(9)},
                      {"created_at", select->Real(10)},
                      {"revisions", *std::move(revisions)}});
  }
  if (!name.empty() && sweeps.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(database->path(), " has no sweep named '", name, "'"));
  }
  return sweeps;
}

// Of the next trials behind `after`, in this order, those that are done (and in the sweep ?2).
std::string NextTrials(bool one_sweep) {
  return absl::StrCat("SELECT trial_id, status = 'done'",
                      one_sweep
                          ? " AND EXISTS (SELECT 1 FROM cell WHERE cell.trial_id = trial.trial_id"
                            " AND cell.dropped_in IS NULL"
                            " AND cell.sweep_id = (SELECT sweep_id FROM sweep WHERE name = ?2))"
                          : "",
                      " FROM trial WHERE trial_id > ?1 ORDER BY trial_id LIMIT ", kTrialsLookedAt);
}

}  // namespace

absl::Status ChooseTrials(sqlite::Database* database, const std::function<bool()>& go_on,
                          Manifest* manifest) {
  const std::string& sweep = manifest->request.sweep;
  absl::StatusOr<Json> sweeps = Sweeps(database, sweep);
  if (!sweeps.ok()) return sweeps.status();
  manifest->sweeps = *std::move(sweeps);
  absl::StatusOr<std::string> id = DatabaseId(database);
  if (!id.ok()) return id.status();
  manifest->database_id = *std::move(id);
  absl::StatusOr<sqlite::Statement> select = database->Prepare(NextTrials(!sweep.empty()));
  if (!select.ok()) return select.status();
  if (!sweep.empty()) select->Bind(2, sweep);
  manifest->trials = TrialSet();
  int64_t after = 0;
  for (int64_t seen = kTrialsLookedAt; seen == kTrialsLookedAt;) {
    if (!go_on()) return absl::CancelledError("stopped");
    seen = 0;
    select->Bind(1, after);
    for (;; ++seen) {
      const absl::StatusOr<bool> row = select->Step();
      if (!row.ok()) return row.status();
      if (!*row) break;
      after = select->Integer(0);
      if (select->Integer(1) != 0) manifest->trials.Add(after);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> DatabaseId(sqlite::Database* database) {
  absl::StatusOr<sqlite::Statement> select = database->Prepare(
      "SELECT name, format('%!.17g', created_at) FROM sweep ORDER BY sweep_id LIMIT 1");
  if (!select.ok()) return select.status();
  const absl::StatusOr<bool> row = select->Step();
  if (!row.ok()) return row.status();
  return Sha256Hex(*row ? absl::StrCat(select->Text(0), "\n", select->Text(1)) : "");
}

absl::StatusOr<std::vector<std::string>> MeasuredTables(sqlite::Database* database) {
  const absl::StatusOr<std::vector<std::string>> present = TablesOfTrials(database);
  if (!present.ok()) return present.status();
  std::vector<std::string> tables(std::begin(kAlways), std::end(kAlways));
  for (const absl::string_view table : kIfMeasured) {
    // A file of an earlier version lacks them.
    if (std::find(present->begin(), present->end(), table) == present->end()) continue;
    const absl::StatusOr<int64_t> has_rows =
        database->QueryInteger(absl::StrCat("SELECT EXISTS (SELECT 1 FROM ", table, ")"));
    if (!has_rows.ok()) return has_rows.status();
    if (*has_rows != 0) tables.emplace_back(table);
  }
  return tables;
}

}  // namespace firstguess

#include "tools/firstguess/report/read_sweep.h"

#include <cmath>
#include <limits>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/fields.h"
#include "tools/firstguess/report/field_values.h"
#include "tools/firstguess/report/labels.h"

namespace firstguess {
namespace {

// The trials of a sweep's live cells. A trial that several of them share counts once here.
constexpr char kMembers[] =
    "(SELECT DISTINCT trial_id FROM cell WHERE sweep_id = ?1 AND dropped_in IS NULL)";

constexpr size_t kMostFailures = 20;

double RealOrNaN(const sqlite::Statement& row, int column) {
  return row.Type(column) == SQLITE_NULL ? std::numeric_limits<double>::quiet_NaN()
                                         : row.Real(column);
}

std::optional<double> OptionalReal(const sqlite::Statement& row, int column) {
  if (row.Type(column) == SQLITE_NULL) return std::nullopt;
  return row.Real(column);
}

SqlValue Value(const sqlite::Statement& row, int column) {
  switch (row.Type(column)) {
    case SQLITE_INTEGER:
      return row.Integer(column);
    case SQLITE_FLOAT:
      return row.Real(column);
    case SQLITE_TEXT:
      return row.Text(column);
    default:
      return std::monostate();
  }
}

bool IsOfTreatment(absl::string_view field) {
  return field == "loss" || field == "loss_delay_steps";
}

// The columns of a trial that are fields but not of the treatment. A file that an earlier version
// wrote lacks newer ones, which have their defaults in all its trials.
absl::StatusOr<std::vector<std::string>> PlainFields(sqlite::Database* database) {
  absl::StatusOr<sqlite::Statement> has_column =
      database->Prepare("SELECT 1 FROM pragma_table_info('trial') WHERE name = ?1");
  if (!has_column.ok()) return has_column.status();
  std::vector<std::string> names;
  for (const Field& field : TrialFields()) {
    if (IsOfTreatment(field.name)) continue;
    sqlite::Run run(&*has_column, field.name);
    const absl::StatusOr<bool> found = run.Step();
    if (!found.ok()) return found.status();
    if (*found) names.emplace_back(field.name);
  }
  return names;
}

// One row a trial, by trial: identity, both ends of the trajectory, treatment, fields. Classes
// whose recall is above chance: correct / support > 1 / classes.
std::string TrialsSql(const std::vector<std::string>& fields) {
  return absl::StrCat(
      "SELECT t.trial_id, t.status, t.diverged_at_step, favoured.class,"
      " (SELECT count(*) FROM trial_class k WHERE k.trial_id = t.trial_id),"
      " first.step, first.accuracy, first.max_guess, first_class.mean_prob,"
      " last.step, last.accuracy, last.max_guess, last_class.mean_prob,"
      " (SELECT count(*) FROM class_snapshot c JOIN trial_class k USING (trial_id, class)"
      "  WHERE c.trial_id = t.trial_id AND c.step = last.step AND c.correct_count *"
      "  (SELECT count(*) FROM trial_class a WHERE a.trial_id = t.trial_id) > k.support),"
      " t.loss, t.loss_params, t.loss_delay_steps, t.",
      absl::StrJoin(fields, ", t."), " FROM ", kMembers,
      " member JOIN trial t USING (trial_id)"
      " LEFT JOIN trial_class favoured"
      "  ON favoured.trial_id = t.trial_id AND favoured.initial_rank = 0"
      " LEFT JOIN snapshot first ON first.trial_id = t.trial_id AND first.step = 0"
      " LEFT JOIN class_snapshot first_class ON first_class.trial_id = t.trial_id"
      "  AND first_class.step = 0 AND first_class.class = favoured.class"
      " LEFT JOIN snapshot last ON last.trial_id = t.trial_id AND last.step ="
      "  (SELECT max(step) FROM snapshot s WHERE s.trial_id = t.trial_id)"
      " LEFT JOIN class_snapshot last_class ON last_class.trial_id = t.trial_id"
      "  AND last_class.step = last.step AND last_class.class = favoured.class"
      " ORDER BY t.trial_id");
}

std::optional<Measured> ReadMeasured(const sqlite::Statement& row, int column) {
  if (row.Type(column) == SQLITE_NULL) return std::nullopt;
  return Measured{.step = row.Integer(column),
                  .accuracy = RealOrNaN(row, column + 1),
                  .max_guess = RealOrNaN(row, column + 2),
                  .favoured_prob = RealOrNaN(row, column + 3)};
}

}  // namespace

absl::StatusOr<std::unique_ptr<SweepReader>> SweepReader::Open(const std::string& path) {
  absl::StatusOr<std::unique_ptr<sqlite::Database>> database = sqlite::Database::OpenReadOnly(path);
  if (!database.ok()) return database.status();
  absl::StatusOr<int64_t> tables = (*database)->QueryInteger(
      "SELECT count(*) FROM sqlite_schema WHERE name IN ('sweep', 'sweep_revision', 'cell',"
      " 'trial', 'snapshot', 'class_snapshot', 'trial_class')");
  if (!tables.ok()) return tables.status();
  if (*tables != 7) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is a database, but not one of firstguess"));
  }
  // The statements that follow share the view of this transaction; closing the file ends it.
  if (absl::Status status = (*database)->Execute("BEGIN"); !status.ok()) return status;
  absl::StatusOr<sqlite::Statement> snapshots =
      (*database)->Prepare("SELECT step, accuracy FROM snapshot WHERE trial_id = ?1 ORDER BY step");
  if (!snapshots.ok()) return snapshots.status();
  absl::StatusOr<sqlite::Statement> classes = (*database)->Prepare(
      "SELECT support, initial_rank FROM trial_class WHERE trial_id = ?1 ORDER BY class");
  if (!classes.ok()) return classes.status();
  absl::StatusOr<sqlite::Statement> class_snapshots = (*database)->Prepare(
      "SELECT class, mean_prob, correct_count FROM class_snapshot WHERE trial_id = ?1"
      " ORDER BY step, class");
  if (!class_snapshots.ok()) return class_snapshots.status();
  return std::unique_ptr<SweepReader>(new SweepReader(*std::move(database), *std::move(snapshots),
                                                      *std::move(classes),
                                                      *std::move(class_snapshots)));
}

absl::Status SweepReader::ReadHead(const std::string& name, SweepData* data) {
  absl::StatusOr<sqlite::Statement> select = database_->Prepare(
      "SELECT sweep_id, name, state, cells, done, failed, cancelled, leased, diverged, created_at,"
      " finished_at FROM sweep WHERE ?1 = '' OR name = ?1 ORDER BY sweep_id DESC LIMIT 1");
  if (!select.ok()) return select.status();
  select->Bind(1, name);
  absl::StatusOr<bool> row = select->Step();
  if (!row.ok()) return row.status();
  if (!*row) {
    if (name.empty()) return absl::NotFoundError("the database holds no sweep");
    absl::StatusOr<sqlite::Statement> names =
        database_->Prepare("SELECT coalesce(group_concat(name, ', '), 'none') FROM sweep");
    if (!names.ok()) return names.status();
    row = names->Step();
    if (!row.ok()) return row.status();
    return absl::NotFoundError(
        absl::StrCat("no sweep is named ", name, "; the database holds: ", names->Text(0)));
  }
  data->sweep_id = select->Integer(0);
  data->name = select->Text(1);
  data->state = select->Text(2);
  data->cells = select->Integer(3);
  data->done = select->Integer(4);
  data->failed = select->Integer(5);
  data->cancelled = select->Integer(6);
  data->leased = select->Integer(7);
  data->pending = data->cells - data->done - data->failed - data->cancelled - data->leased;
  data->diverged = select->Integer(8);
  data->created_at = select->Real(9);
  data->finished_at = OptionalReal(*select, 10);
  return absl::OkStatus();
}

absl::Status SweepReader::ReadRevisions(SweepData* data) {
  absl::StatusOr<sqlite::Statement> select = database_->Prepare(
      "SELECT revision, submitted_at, spec FROM sweep_revision WHERE sweep_id = ?1"
      " ORDER BY revision");
  if (!select.ok()) return select.status();
  select->Bind(1, data->sweep_id);
  for (;;) {
    absl::StatusOr<bool> row = select->Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    data->revisions.push_back(
        {.revision = select->Integer(0), .submitted_at = select->Real(1), .spec = select->Text(2)});
  }
}

absl::Status SweepReader::ReadTrials(SweepData* data) {
  const absl::StatusOr<std::vector<std::string>> plain = PlainFields(database_.get());
  if (!plain.ok()) return plain.status();
  const std::vector<std::string>& fields = *plain;
  FieldValues values(fields);
  absl::flat_hash_map<std::string, uint32_t> treatments;  // by label and parameters
  absl::StatusOr<sqlite::Statement> select = database_->Prepare(TrialsSql(fields));
  if (!select.ok()) return select.status();
  select->Bind(1, data->sweep_id);
  for (;;) {
    absl::StatusOr<bool> row = select->Step();
    if (!row.ok()) return row.status();
    if (!*row) break;
    TrialRow trial{.trial_id = select->Integer(0), .status = select->Text(1)};
    if (select->Type(2) != SQLITE_NULL) trial.diverged_at_step = select->Integer(2);
    if (select->Type(3) != SQLITE_NULL) trial.favoured_class = select->Integer(3);
    trial.classes = select->Integer(4);
    trial.first = ReadMeasured(*select, 5);
    trial.last = ReadMeasured(*select, 9);
    if (trial.last.has_value()) trial.last->above_chance = select->Integer(13);

    Treatment treatment{.loss = select->Text(14),
                        .loss_params = select->Text(15),
                        .loss_delay_steps = select->Integer(16)};
    treatment.label =
        TreatmentLabel(treatment.loss, treatment.loss_params, treatment.loss_delay_steps);
    const auto [known, added] =
        treatments.try_emplace(absl::StrCat(treatment.label, treatment.loss_params),
                               static_cast<uint32_t>(data->treatments.size()));
    trial.treatment = known->second;
    if (added) data->treatments.push_back(std::move(treatment));

    for (size_t field = 0; field < fields.size(); ++field) {
      trial.values.push_back(values.Number(field, Value(*select, 17 + static_cast<int>(field))));
    }
    data->trials.push_back(std::move(trial));
  }
  values.Finish(data);
  return absl::OkStatus();
}

absl::Status SweepReader::ReadProvenance(SweepData* data) {
  for (const auto& [column, list] :
       {std::make_pair("library", &data->libraries), std::make_pair("device", &data->devices),
        std::make_pair("worker", &data->workers)}) {
    absl::StatusOr<sqlite::Statement> select = database_->Prepare(
        absl::StrCat("SELECT DISTINCT ", column, " FROM trial JOIN ", kMembers,
                     " USING (trial_id) WHERE ", column, " IS NOT NULL ORDER BY 1"));
    if (!select.ok()) return select.status();
    select->Bind(1, data->sweep_id);
    for (;;) {
      absl::StatusOr<bool> row = select->Step();
      if (!row.ok()) return row.status();
      if (!*row) break;
      list->push_back(select->Text(0));
    }
  }
  absl::StatusOr<sqlite::Statement> sums = database_->Prepare(absl::StrCat(
      "SELECT total(train_seconds), min(started_at), max(finished_at) FROM trial JOIN ", kMembers,
      " USING (trial_id)"));
  if (!sums.ok()) return sums.status();
  sums->Bind(1, data->sweep_id);
  absl::StatusOr<bool> row = sums->Step();
  if (!row.ok()) return row.status();
  data->train_seconds = sums->Real(0);
  data->first_started_at = OptionalReal(*sums, 1);
  data->last_finished_at = OptionalReal(*sums, 2);

  // The first line of a message; a trainer's log may follow it.
  absl::StatusOr<sqlite::Statement> failures = database_->Prepare(absl::StrCat(
      "SELECT failure_class || coalesce(': ' || substr(failure_message, 1,"
      "  instr(failure_message || char(10), char(10)) - 1), ''), count(*) FROM trial JOIN ",
      kMembers, " USING (trial_id) WHERE status = 'failed' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ",
      kMostFailures));
  if (!failures.ok()) return failures.status();
  failures->Bind(1, data->sweep_id);
  for (;;) {
    row = failures->Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    data->failures.emplace_back(failures->Text(0), failures->Integer(1));
  }
}

absl::StatusOr<SweepData> SweepReader::ReadSweep(const std::string& name) {
  SweepData data;
  if (absl::Status status = ReadHead(name, &data); !status.ok()) return status;
  if (absl::Status status = ReadRevisions(&data); !status.ok()) return status;
  if (absl::Status status = ReadTrials(&data); !status.ok()) return status;
  if (absl::Status status = ReadProvenance(&data); !status.ok()) return status;
  return data;
}

absl::StatusOr<TrajectoryData> SweepReader::ReadTrajectory(int64_t trial_id) {
  TrajectoryData trajectory;
  for (sqlite::Statement* statement : {&snapshots_, &classes_, &class_snapshots_}) {
    statement->Reset();
    statement->Bind(1, trial_id);
  }
  for (;;) {
    absl::StatusOr<bool> row = snapshots_.Step();
    if (!row.ok()) return row.status();
    if (!*row) break;
    trajectory.steps.push_back(snapshots_.Integer(0));
    trajectory.accuracy.push_back(RealOrNaN(snapshots_, 1));
  }
  for (;;) {
    absl::StatusOr<bool> row = classes_.Step();
    if (!row.ok()) return row.status();
    if (!*row) break;
    trajectory.support.push_back(classes_.Integer(0));
    trajectory.rank.push_back(classes_.Integer(1));
  }
  trajectory.mean_prob.resize(trajectory.support.size());
  trajectory.correct.resize(trajectory.support.size());
  for (;;) {
    absl::StatusOr<bool> row = class_snapshots_.Step();
    if (!row.ok()) return row.status();
    if (!*row) return trajectory;
    const auto index = static_cast<size_t>(class_snapshots_.Integer(0));
    if (index >= trajectory.support.size()) {
      return absl::DataLossError(absl::StrCat("trial ", trial_id, " has measurements of class ",
                                              index, " but no row in trial_class for it"));
    }
    trajectory.mean_prob[index].push_back(RealOrNaN(class_snapshots_, 1));
    trajectory.correct[index].push_back(class_snapshots_.Integer(2));
  }
}

}  // namespace firstguess

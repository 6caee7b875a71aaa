#include "tools/firstguess/database.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/shape.h"
#include "coordinator/store/sqlite/database.h"
#include "coordinator/store/sqlite/user_query.h"
#include "tools/firstguess/shell_word.h"

namespace firstguess {
namespace {

// Sweeps in the order in which they were submitted; ?1 is a name, or NULL for all.
constexpr char kSweeps[] =
    "SELECT sweep.sweep_id, sweep.name, sweep.revision, sweep.state, sweep.priority,"
    " progress.cells, progress.done, progress.failed, progress.cancelled, progress.leased,"
    " progress.pending, progress.diverged, sweep.created_at, sweep.finished_at"
    " FROM sweep JOIN progress USING (sweep_id)"
    " WHERE ?1 IS NULL OR sweep.name = ?1 ORDER BY sweep.sweep_id";

// Failed trials of a sweep by what went wrong, which is the first line of the message; the end of a
// trainer's log follows it. `worker` and log are those of the latest attempt of the group: SQLite
// takes bare columns from the row of the maximum.
constexpr char kFailures[] =
    "SELECT trial.failure_class, substr(text, 1, instr(text, char(10)) - 1) AS first_line,"
    " count(DISTINCT trial.trial_id) AS trials, lease.worker,"
    " rtrim(substr(text, instr(text, char(10)) + 1), char(10)), max(attempt.lease_id)"
    " FROM (SELECT trial_id, failure_class, coalesce(failure_message, '') || char(10) AS text"
    "  FROM trial WHERE status = 'failed') AS trial"
    " JOIN attempt USING (trial_id) JOIN lease USING (lease_id)"
    " WHERE trial.trial_id IN"
    "  (SELECT trial_id FROM cell WHERE sweep_id = ?1 AND dropped_in IS NULL)"
    " GROUP BY trial.failure_class, first_line ORDER BY trials DESC";

// The file is the person's own: nothing but the memory of this machine is spared.
sqlite::QueryLimits OwnFileLimits() {
  sqlite::QueryLimits limits;
  limits.time = absl::Hours(24 * 365);
  limits.rows = std::numeric_limits<int64_t>::max();
  limits.memory_bytes = int64_t{1} << 30;
  return limits;
}

// Hands the rows of SQLite on.
class SinkAdapter final : public sqlite::QuerySink {
 public:
  explicit SinkAdapter(RowSink* sink) : sink_(sink) {}

  void Columns(const std::vector<std::string>& names) override { sink_->Columns(names); }

  bool Row(const std::vector<sqlite::QueryValue>& values) override {
    std::vector<RowValue> row;
    for (const sqlite::QueryValue& value : values) row.push_back(Converted(value));
    return sink_->Row(row);
  }

 private:
  static RowValue Converted(const sqlite::QueryValue& value) {
    if (const auto* blob = std::get_if<sqlite::QueryBlob>(&value)) return Blob{blob->bytes};
    if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
    if (const auto* real = std::get_if<double>(&value)) return *real;
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    return std::monostate();
  }

  RowSink* const sink_;
};

SweepNumbers NumbersOf(const sqlite::Statement& row) {
  SweepNumbers numbers;
  numbers.name = row.Text(1);
  numbers.revision = row.Integer(2);
  numbers.state = row.Text(3);
  numbers.priority = row.Integer(4);
  numbers.cells = row.Integer(5);
  numbers.done = row.Integer(6);
  numbers.failed = row.Integer(7);
  numbers.cancelled = row.Integer(8);
  numbers.leased = row.Integer(9);
  numbers.pending = row.Integer(10);
  numbers.diverged = row.Integer(11);
  numbers.created_at = row.Real(12);
  if (!row.IsNull(13)) numbers.finished_at = row.Real(13);
  return numbers;
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::unique_ptr<sqlite::Database> database, sqlite::Statement has_trial)
      : database_(std::move(database)), has_trial_(std::move(has_trial)) {}

  absl::StatusOr<std::vector<SweepNumbers>> List() override {
    absl::StatusOr<sqlite::Statement> select = database_->Prepare(kSweeps);
    if (!select.ok()) return select.status();
    select->Bind(1, nullptr);
    std::vector<SweepNumbers> sweeps;
    for (;;) {
      const absl::StatusOr<bool> row = select->Step();
      if (!row.ok()) return row.status();
      if (!*row) return sweeps;
      sweeps.push_back(NumbersOf(*select));
    }
  }

  absl::StatusOr<SweepDetails> Get(const std::string& name) override {
    absl::StatusOr<sqlite::Statement> select = database_->Prepare(kSweeps);
    if (!select.ok()) return select.status();
    select->Bind(1, name);
    const absl::StatusOr<bool> found = select->Step();
    if (!found.ok()) return found.status();
    if (!*found) return NoSuchSweep(name);
    SweepDetails details;
    details.numbers = NumbersOf(*select);
    const int64_t sweep_id = select->Integer(0);
    select->Reset();
    if (const absl::Status status = ReadSpec(sweep_id, &details); !status.ok()) return status;
    if (const absl::Status status = ReadFailures(sweep_id, &details); !status.ok()) return status;
    return details;
  }

  absl::Status Query(const std::string& sql, RowSink* sink) override {
    SinkAdapter adapter(sink);
    const absl::Status status =
        sqlite::RunUserQuery(database_->path(), sql, OwnFileLimits(), &adapter);
    if (status.ok()) sink->Finish();
    return status;
  }

  absl::StatusOr<bool> HasTrial(const std::string& key) override {
    sqlite::Run run(&has_trial_, key);
    return run.Step();
  }

  absl::StatusOr<std::vector<MeasuredShape>> MeasuredShapes() override {
    const absl::StatusOr<std::string> columns = ShapeColumns();
    if (!columns.ok()) return columns.status();
    absl::StatusOr<sqlite::Statement> select = database_->Prepare(
        absl::StrCat("SELECT min(config), avg(train_seconds), count(*) FROM trial"
                     " WHERE status = 'done' AND train_seconds > 0 GROUP BY ",
                     *columns));
    if (!select.ok()) return select.status();
    std::vector<MeasuredShape> shapes;
    for (;;) {
      const absl::StatusOr<bool> row = select->Step();
      if (!row.ok()) return row.status();
      if (!*row) return shapes;
      const absl::StatusOr<TrialConfig> config = TrialConfigFromJson(select->Text(0));
      // A later version's trial may have fields that this one does not know: its time is left out.
      if (config.ok()) shapes.push_back({*config, select->Real(1), select->Integer(2)});
    }
  }

  Failure Explain(const absl::Status& status) const override {
    Failure failure = DatabaseFailure(status, database_->path());
    // The file is there, so it is a sweep that is not.
    if (absl::IsNotFound(status)) {
      failure.next = absl::StrCat("List them: firstguess list --db ", ShellPath(database_->path()));
    }
    return failure;
  }

 private:
  // Those that the file has: one of an earlier version lacks the newer ones.
  absl::StatusOr<std::string> ShapeColumns() {
    absl::StatusOr<sqlite::Statement> select =
        database_->Prepare("SELECT name FROM pragma_table_info('trial')");
    if (!select.ok()) return select.status();
    std::vector<std::string> columns;
    for (;;) {
      const absl::StatusOr<bool> row = select->Step();
      if (!row.ok()) return row.status();
      if (!*row) return absl::StrJoin(columns, ", ");
      if (IsShapeField(select->TextView(0))) columns.push_back(select->Text(0));
    }
  }

  absl::Status NoSuchSweep(const std::string& name) {
    const absl::StatusOr<std::vector<SweepNumbers>> sweeps = List();
    if (!sweeps.ok()) return sweeps.status();
    std::vector<std::string> names;
    for (const SweepNumbers& sweep : *sweeps) names.push_back(sweep.name);
    return absl::NotFoundError(absl::StrCat(
        database_->path(), " has no sweep named '", name, "'; ",
        names.empty() ? "it has none" : absl::StrCat("it has ", absl::StrJoin(names, ", "))));
  }

  absl::Status ReadSpec(int64_t sweep_id, SweepDetails* details) {
    absl::StatusOr<sqlite::Statement> select = database_->Prepare(
        "SELECT spec FROM sweep_revision WHERE sweep_id = ?1 ORDER BY revision DESC LIMIT 1");
    if (!select.ok()) return select.status();
    select->Bind(1, sweep_id);
    const absl::StatusOr<bool> row = select->Step();
    if (!row.ok()) return row.status();
    if (*row) details->spec = select->Text(0);
    return absl::OkStatus();
  }

  absl::Status ReadFailures(int64_t sweep_id, SweepDetails* details) {
    absl::StatusOr<sqlite::Statement> select = database_->Prepare(kFailures);
    if (!select.ok()) return select.status();
    select->Bind(1, sweep_id);
    for (;;) {
      const absl::StatusOr<bool> row = select->Step();
      if (!row.ok()) return row.status();
      if (!*row) return absl::OkStatus();
      details->failures.push_back(
          {select->Text(0), select->Text(1), select->Integer(2), select->Text(3), select->Text(4)});
    }
  }

  const std::unique_ptr<sqlite::Database> database_;
  sqlite::Statement has_trial_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path) {
  absl::StatusOr<std::unique_ptr<sqlite::Database>> database = sqlite::Database::OpenReadOnly(path);
  if (!database.ok()) return database.status();
  const absl::StatusOr<int64_t> ours = (*database)->QueryInteger(
      "SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND name = 'progress'");
  if (!ours.ok()) return ours.status();
  if (*ours != 1) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is a database, but not one of firstguess."));
  }
  absl::StatusOr<sqlite::Statement> has_trial =
      (*database)->Prepare("SELECT 1 FROM trial WHERE key = ?1");
  if (!has_trial.ok()) return has_trial.status();
  return std::make_unique<SqliteDatabase>(*std::move(database), *std::move(has_trial));
}

}  // namespace firstguess

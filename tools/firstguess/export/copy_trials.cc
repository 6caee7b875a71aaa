#include "tools/firstguess/export/copy_trials.h"

namespace firstguess {
namespace {

// What one read transaction holds at most, and what the writer is given at a time.
constexpr int64_t kTrialsAtOnce = 256;
constexpr size_t kRowsAtOnce = 16'384;
constexpr size_t kTextBytesAtOnce = size_t{2} << 20;

class Copier {
 public:
  Copier(sqlite::Database* database, TableReader* reader, TableWriter* writer)
      : database_(*database), reader_(*reader), writer_(*writer) {
    batch_.columns.resize(reader_.columns().size());
  }
  ~Copier() {
    if (database_.in_transaction()) database_.Execute("ROLLBACK").IgnoreError();
  }
  Copier(const Copier&) = delete;
  Copier& operator=(const Copier&) = delete;

  absl::Status Read(int64_t trial_id) {
    absl::Status status;
    if (trials_ == 0) status = database_.Execute("BEGIN");
    if (status.ok()) status = reader_.Read(trial_id, &batch_);
    ++trials_;
    const bool is_full = batch_.rows >= kRowsAtOnce || batch_.TextBytes() >= kTextBytesAtOnce;
    return status.ok() && is_full ? Flush() : status;
  }

  absl::Status End(const std::function<bool(int64_t)>& go_on) {
    if (absl::Status status = database_.Execute("COMMIT"); !status.ok()) return status;
    const bool goes_on = go_on(trials_);
    trials_ = 0;
    return goes_on ? absl::OkStatus() : absl::CancelledError("stopped");
  }

  absl::Status Flush() {
    rows_ += static_cast<int64_t>(batch_.rows);
    absl::Status status = writer_.Write(batch_);
    batch_.Clear();
    return status;
  }

  int64_t trials() const { return trials_; }  // in the transaction
  int64_t rows() const { return rows_; }

 private:
  sqlite::Database& database_;
  TableReader& reader_;
  TableWriter& writer_;
  TableBatch batch_;
  int64_t trials_ = 0;
  int64_t rows_ = 0;
};

}  // namespace

absl::StatusOr<int64_t> CopyTrials(sqlite::Database* database, const TrialSet& trials,
                                   TableReader* reader, TableWriter* writer,
                                   const std::function<bool(int64_t trials)>& go_on) {
  Copier copier(database, reader, writer);
  absl::Status status;
  for (const TrialSet::Run& run : trials.runs()) {
    for (int64_t id = run.first; status.ok() && id <= run.last; ++id) {
      status = copier.Read(id);
      if (status.ok() && copier.trials() == kTrialsAtOnce) status = copier.End(go_on);
    }
  }
  if (status.ok() && copier.trials() > 0) status = copier.End(go_on);
  if (status.ok()) status = copier.Flush();
  if (!status.ok()) return status;
  return copier.rows();
}

}  // namespace firstguess

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/export/export.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/interrupt.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/table.h"

namespace firstguess {
namespace {

constexpr absl::Duration kRedrawEvery = absl::Milliseconds(100);

struct ExportCommandOptions {
  bool json = false;
  std::string database;
  std::string folder;
  ExportRequest request;
};

Failure ExplainExport(const absl::Status& status, const ExportCommandOptions& options) {
  switch (status.code()) {
    case absl::StatusCode::kCancelled:
      return {kExitInterrupted, {}, "interrupted.", "The same command goes on where it was."};
    case absl::StatusCode::kAlreadyExists:
      return {kExitInput,
              {},
              absl::StrCat(status.message(), "."),
              "Name another folder with --to, or remove that one."};
    case absl::StatusCode::kUnimplemented:
      return {kExitFailed,
              {},
              absl::StrCat(status.message(), "."),
              "Run 'tools/setup --parquet' and build again, or choose another --format."};
    case absl::StatusCode::kInvalidArgument:
      return {kExitInput,
              {},
              absl::StrCat(status.message(), "."),
              absl::StrCat("'firstguess list --db ", options.database,
                           "' shows the sweeps, 'firstguess schema' the tables and views.")};
    case absl::StatusCode::kPermissionDenied:
      return {kExitRefused,
              {},
              absl::StrCat(status.message(), "."),
              "Get permission to the database and to the folder, or name others."};
    default:
      return DatabaseFailure(status, options.database);
  }
}

// How far it is, on one line that is redrawn; nothing where nobody watches.
class ExportProgressLine {
 public:
  ExportProgressLine(Terminal* terminal, Clock* clock) : terminal_(terminal), clock_(clock) {}
  ~ExportProgressLine() {
    if (drawn_at_.has_value()) terminal_->Write("\r\x1b[K");
    terminal_->Flush();
  }
  ExportProgressLine(const ExportProgressLine&) = delete;
  ExportProgressLine& operator=(const ExportProgressLine&) = delete;

  void Update(absl::string_view table, int64_t trials, int64_t of_trials) {
    const absl::Duration now = clock_->MonotonicNow();
    const bool is_due = !drawn_at_.has_value() || now - *drawn_at_ >= kRedrawEvery;
    if (!terminal_->is_terminal() || !is_due) return;
    drawn_at_ = now;
    const std::string line =
        absl::StrCat("exporting: ", FormatPercent(trials, of_trials), ", ", table);
    const int width = terminal_->width() > 1 ? terminal_->width() - 1 : 79;
    terminal_->Write(absl::StrCat("\r\x1b[K", Shortened(line, width)));
    terminal_->Flush();
  }

 private:
  Terminal* const terminal_;
  Clock* const clock_;
  std::optional<absl::Duration> drawn_at_;
};

void PrintJson(const ExportOutcome& outcome, const std::string& folder, Terminal* out) {
  nlohmann::ordered_json files = nlohmann::ordered_json::array();
  for (const ExportedFile& file : outcome.manifest.files) {
    files.push_back({{"file", absl::StrCat(folder, "/", file.name)},
                     {"table", file.table},
                     {"rows", file.rows},
                     {"bytes", file.fingerprint.bytes}});
  }
  out->Write(JsonText({{"manifest", absl::StrCat(folder, "/manifest.json")},
                       {"trials", outcome.manifest.trials.count()},
                       {"kept_files", outcome.kept_files},
                       {"files", std::move(files)}}) +
             "\n");
}

void PrintTable(const ExportOutcome& outcome, const std::string& folder, Terminal* out) {
  Table table({{"file"}, {"rows", Table::Align::kRight}, {"size", Table::Align::kRight}});
  for (const ExportedFile& file : outcome.manifest.files) {
    table.AddRow({file.name, FormatCount(file.rows), FormatBytes(file.fingerprint.bytes)});
  }
  table.Print(out);
  const auto files = static_cast<int64_t>(outcome.manifest.files.size());
  std::string kept;
  if (outcome.kept_files == files) {
    kept = "; nothing had changed";
  } else if (outcome.kept_files > 0) {
    kept = absl::StrCat("; ", FormatCountOf(outcome.kept_files, "file"), " were there already");
  }
  out->Write(absl::StrCat("Export: ", FormatCountOf(outcome.manifest.trials.count(), "done trial"),
                          " in ", folder, ", described in manifest.json", kept, "\n"));
}

int RunExport(const ExportCommandOptions& options, Context* context) {
  Interrupt interrupt;
  ExportOptions asked;
  asked.database = options.database;
  asked.folder = options.folder;
  asked.version = FIRSTGUESS_VERSION;
  asked.request = options.request;
  asked.clock = context->clock;
  absl::StatusOr<ExportOutcome> outcome;
  {
    ExportProgressLine line(context->err, context->clock);
    asked.progress = [&](absl::string_view table, int64_t trials, int64_t of_trials) {
      line.Update(table, trials, of_trials);
      return !interrupt.requested();
    };
    outcome = Export(asked);
  }
  if (!outcome.ok()) return Report(ExplainExport(outcome.status(), options), context);
  if (options.json) {
    PrintJson(*outcome, options.folder, context->out);
  } else {
    PrintTable(*outcome, options.folder, context->out);
  }
  return kExitDone;
}

}  // namespace

void AddExportCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<ExportCommandOptions>();
  options->request.format = "csv";
  options->request.trials_per_file = 100'000;
  CLI::App* command = AddCommand(
      app, "export", "Writes done trials into files of another format, also while a sweep runs",
      {{"export --db first_guess.db --to first_guess", "trials and measurements, a CSV file each"},
       {"export --db all.db --sweep wide --format parquet --to wide", "one sweep, for analysis"},
       {"export --db first_guess.db --table trajectory --format jsonl --to t",
        "a view of 'firstguess schema'"}},
      &options->json);
  command->add_option("--db", options->database, "The database file, live or not")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--to", options->folder,
                   "Where the files go; again, it goes on or adds what is new")
      ->required()
      ->type_name("FOLDER");
  command
      ->add_option("--format", options->request.format,
                   "csv, jsonl, parquet or npz (NumPy); csv if not said")
      ->check(CLI::IsMember({"csv", "jsonl", "parquet", "npz"}))
      ->type_name("FORMAT");
  command->add_option("--sweep", options->request.sweep, "A sweep's name; else all trials")
      ->type_name("NAME");
  command
      ->add_option("--table", options->request.tables,
                   "A table or view of trials; may be repeated. Else what was measured")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command
      ->add_option("--trials-per-file", options->request.trials_per_file,
                   "More trials than these go into several files; 100000 if not said")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000'000}))
      ->type_name("N");
  command->callback([options, action] {
    *action = [options](Context* context) { return RunExport(*options, context); };
  });
}

}  // namespace firstguess

#include "tools/firstguess/export/export.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "common/hash.h"
#include "coordinator/store/inspection.h"
#include "coordinator/store/sqlite/database.h"
#include "tools/firstguess/export/copy_trials.h"
#include "tools/firstguess/export/export_folder.h"
#include "tools/firstguess/export/export_plan.h"
#include "tools/firstguess/export/table_reader.h"
#include "tools/firstguess/export/table_writer.h"

namespace firstguess {
namespace {

// One file to be written.
struct Piece {
  std::string name;
  TableReader* reader = nullptr;
  TrialSet trials;
  ExportedFile file;
};

std::string FileName(const std::string& table, size_t part, size_t parts,
                     const std::string& format) {
  if (parts == 1) return absl::StrCat(table, ".", format);
  return absl::StrFormat("%s-%05d.%s", table, part + 1, format);
}

// Whatever decides what is in a file. Rows of done trials do not change, but which sweeps have
// them does.
std::string SourceOf(const Manifest& manifest, const Piece& piece) {
  nlohmann::ordered_json source = {{"database", manifest.database_id},
                                   {"format", manifest.request.format},
                                   {"table", piece.file.table}};
  for (const TableColumn& column : piece.file.columns) {
    source["columns"].push_back({column.name, static_cast<int>(column.type)});
  }
  for (const TrialSet::Run& run : piece.trials.runs()) {
    source["trials"].push_back({run.first, run.last});
  }
  if (piece.reader->has_sweeps()) {
    source["sweep"] = manifest.request.sweep;
    for (const auto& sweep : manifest.sweeps) {
      source["sweeps"].push_back({sweep.at("sweep_id"), sweep.at("revision")});
    }
  }
  return Sha256Hex(source.dump());
}

class Exporter {
 public:
  Exporter(const ExportOptions& options, ExportFolder folder, sqlite::Database* database)
      : options_(options), folder_(std::move(folder)), database_(database) {}

  absl::StatusOr<ExportOutcome> Run() {
    absl::Status status = Plan();
    if (status.ok()) status = MakePieces();
    if (status.ok()) status = FindKept();
    if (!status.ok()) return status;
    const bool is_unchanged = folder_.is_finished() &&
                              outcome_.kept_files == static_cast<int64_t>(pieces_.size()) &&
                              folder_.earlier()->files.size() == pieces_.size();
    if (is_unchanged) {
      outcome_.manifest = *folder_.earlier();
      return std::move(outcome_);
    }
    status = folder_.Begin(outcome_.manifest);
    for (Piece& piece : pieces_) {
      if (status.ok() && piece.file.fingerprint.sha256.empty()) status = Write(&piece);
    }
    if (status.ok()) status = folder_.Finish(InOrder());
    if (!status.ok()) return status;
    outcome_.manifest = InOrder();
    return std::move(outcome_);
  }

 private:
  // An export that was broken off goes on with the trials that it was begun with.
  absl::Status Plan() {
    Manifest& manifest = outcome_.manifest;
    const std::optional<Manifest>& earlier = folder_.earlier();
    manifest.request = options_.request;
    if (earlier.has_value()) {
      const absl::StatusOr<std::string> id = DatabaseId(database_);
      if (!id.ok()) return id.status();
      if (!(earlier->request == options_.request) || earlier->database_id != *id) {
        return absl::AlreadyExistsError(absl::StrCat(
            options_.folder, " holds an export of ",
            earlier->database_id == *id ? "something else out of " : "", earlier->database));
      }
    }
    if (earlier.has_value() && !folder_.is_finished()) {
      manifest = *earlier;
      manifest.files.clear();
    } else {
      manifest.begun_at = absl::ToDoubleSeconds(options_.clock->WallNow() - absl::UnixEpoch());
      const auto go_on = [this] { return options_.progress("trial", 0, 1); };
      if (absl::Status status = ChooseTrials(database_, go_on, &manifest); !status.ok()) {
        return status;
      }
    }
    manifest.version = options_.version;
    manifest.database = options_.database;
    const absl::StatusOr<int64_t> version = database_->QueryInteger("PRAGMA user_version");
    if (!version.ok()) return version.status();
    manifest.schema_version = *version;
    return absl::OkStatus();
  }

  absl::Status MakePieces() {
    std::vector<std::string> tables = options_.request.tables;
    if (tables.empty()) {
      absl::StatusOr<std::vector<std::string>> measured = MeasuredTables(database_);
      if (!measured.ok()) return measured.status();
      tables = *std::move(measured);
    }
    const std::vector<TrialSet> parts =
        outcome_.manifest.trials.Split(options_.request.trials_per_file);
    std::set<std::string> seen;
    for (const std::string& table : tables) {
      if (!seen.insert(table).second) continue;
      absl::StatusOr<std::unique_ptr<TableReader>> reader =
          TableReader::Open(database_, table, options_.request.sweep);
      if (!reader.ok()) return reader.status();
      readers_.push_back(*std::move(reader));
      for (size_t part = 0; part < parts.size(); ++part) {
        Piece piece;
        piece.name = FileName(table, part, parts.size(), options_.request.format);
        piece.reader = readers_.back().get();
        piece.trials = parts[part];
        piece.file.name = piece.name;
        piece.file.table = table;
        piece.file.trials = piece.trials.count();
        piece.file.columns = piece.reader->columns();
        piece.file.source = SourceOf(outcome_.manifest, piece);
        pieces_.push_back(std::move(piece));
        trials_to_read_ += parts[part].count();
      }
    }
    return absl::OkStatus();
  }

  absl::Status FindKept() {
    for (Piece& piece : pieces_) {
      const std::string path = folder_.Path(piece.name);
      std::error_code ignored;
      if (!folder_.Owns(piece.name) && std::filesystem::exists(path, ignored)) {
        return absl::AlreadyExistsError(absl::StrCat(path, " is there already, of no export"));
      }
      const std::optional<ExportedFile> kept = folder_.Find(piece.name, piece.file.source);
      if (!kept.has_value()) continue;
      piece.file = *kept;
      ++outcome_.kept_files;
      trials_read_ += piece.trials.count();
      outcome_.manifest.files.push_back(piece.file);
    }
    return absl::OkStatus();
  }

  absl::Status Write(Piece* piece) {
    const std::string path = folder_.Path(piece->name);
    const std::string unfinished = absl::StrCat(path, ".part");
    absl::Status status = WriteRows(piece, unfinished);
    if (status.ok()) {
      const absl::StatusOr<Fingerprint> fingerprint = FingerprintOf(unfinished);
      status = fingerprint.status();
      if (status.ok()) piece->file.fingerprint = *fingerprint;
    }
    if (!status.ok()) {
      std::remove(unfinished.c_str());
      return status;
    }
    // Written down first: a file whose name is there is always one that the manifest has.
    outcome_.manifest.files.push_back(piece->file);
    status = folder_.Save(outcome_.manifest);
    return status.ok() ? Publish(unfinished, path) : status;
  }

  absl::Status WriteRows(Piece* piece, const std::string& path) {
    const absl::StatusOr<std::unique_ptr<TableWriter>> writer =
        MakeTableWriter(options_.request.format, path, piece->reader->columns());
    if (!writer.ok()) return writer.status();
    const absl::StatusOr<int64_t> rows =
        CopyTrials(database_, piece->trials, piece->reader, writer->get(), [&](int64_t trials) {
          trials_read_ += trials;
          return options_.progress(piece->file.table, trials_read_, trials_to_read_);
        });
    if (!rows.ok()) return rows.status();
    piece->file.rows = *rows;
    return (*writer)->Finish();
  }

  // The manifest with its files in the order of the pieces, kept ones or not.
  Manifest InOrder() const {
    Manifest manifest = outcome_.manifest;
    manifest.replaces.clear();
    manifest.files.clear();
    for (const Piece& piece : pieces_) manifest.files.push_back(piece.file);
    return manifest;
  }

  const ExportOptions& options_;
  ExportFolder folder_;
  sqlite::Database* const database_;
  ExportOutcome outcome_;
  std::vector<std::unique_ptr<TableReader>> readers_;
  std::vector<Piece> pieces_;
  int64_t trials_read_ = 0;
  int64_t trials_to_read_ = 0;
};

}  // namespace

absl::StatusOr<ExportOutcome> Export(const ExportOptions& options) {
  // Refuses what is of another program or a newer version.
  if (const absl::StatusOr<Inspection> inspection = InspectDatabase(options.database, false);
      !inspection.ok()) {
    return inspection.status();
  }
  absl::StatusOr<std::unique_ptr<sqlite::Database>> database =
      sqlite::Database::OpenReadOnly(options.database);
  if (!database.ok()) return database.status();
  absl::StatusOr<ExportFolder> folder = ExportFolder::Open(options.folder);
  if (!folder.ok()) return folder.status();
  return Exporter(options, *std::move(folder), database->get()).Run();
}

}  // namespace firstguess

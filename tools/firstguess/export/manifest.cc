#include "tools/firstguess/export/manifest.h"

#include <exception>

#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormatVersion = 1;
constexpr const char* kTypeNames[] = {"INTEGER", "REAL", "TEXT"};

Json RunsToJson(const TrialSet& trials) {
  Json runs = Json::array();
  for (const TrialSet::Run& run : trials.runs()) runs.push_back({run.first, run.last});
  return runs;
}

Json FileToJson(const ExportedFile& file) {
  Json columns = Json::array();
  for (const TableColumn& column : file.columns) {
    columns.push_back({{"name", column.name}, {"type", kTypeNames[static_cast<int>(column.type)]}});
  }
  return {{"name", file.name},
          {"table", file.table},
          {"rows", file.rows},
          {"trials", file.trials},
          {"bytes", file.fingerprint.bytes},
          {"sha256", file.fingerprint.sha256},
          {"source", file.source},
          {"columns", std::move(columns)}};
}

ExportedFile FileFromJson(const Json& json) {
  ExportedFile file;
  file.name = json.at("name");
  file.table = json.at("table");
  file.rows = json.at("rows");
  file.trials = json.at("trials");
  file.fingerprint = {.bytes = json.at("bytes"), .sha256 = json.at("sha256")};
  file.source = json.at("source");
  for (const Json& column : json.at("columns")) {
    const std::string type = column.at("type");
    const ColumnType known = type == "INTEGER" ? ColumnType::kInteger
                             : type == "REAL"  ? ColumnType::kReal
                                               : ColumnType::kText;
    file.columns.push_back({column.at("name"), known});
  }
  return file;
}

}  // namespace

std::string ManifestToJson(const Manifest& manifest) {
  Json files = Json::array();
  for (const ExportedFile& file : manifest.files) files.push_back(FileToJson(file));
  Json json = {{"format_version", kFormatVersion},
               {"program", "firstguess"},
               {"version", manifest.version},
               {"schema_version", manifest.schema_version},
               {"database", manifest.database},
               {"database_id", manifest.database_id},
               {"format", manifest.request.format},
               {"sweep", manifest.request.sweep.empty() ? Json() : Json(manifest.request.sweep)},
               {"tables", manifest.request.tables},
               {"trials_per_file", manifest.request.trials_per_file},
               {"begun_at", manifest.begun_at},
               {"trials", manifest.trials.count()},
               {"trial_ids", RunsToJson(manifest.trials)},
               {"sweeps", manifest.sweeps},
               {"files", std::move(files)}};
  if (!manifest.replaces.empty()) json["replaces"] = manifest.replaces;
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::StatusOr<Manifest> ManifestFromJson(const std::string& text) {
  Manifest manifest;
  // The parser throws, and so does every access to what is not there.
  try {
    const Json json = Json::parse(text);
    if (json.at("format_version") != kFormatVersion) {
      return absl::DataLossError("it is of another version of firstguess");
    }
    manifest.version = json.at("version");
    manifest.schema_version = json.at("schema_version");
    manifest.database = json.at("database");
    manifest.database_id = json.at("database_id");
    manifest.request.format = json.at("format");
    if (!json.at("sweep").is_null()) manifest.request.sweep = json.at("sweep");
    manifest.request.tables = json.at("tables");
    manifest.request.trials_per_file = json.at("trials_per_file");
    manifest.begun_at = json.at("begun_at");
    for (const Json& run : json.at("trial_ids")) {
      for (int64_t id = run.at(0); id <= run.at(1).get<int64_t>(); ++id) manifest.trials.Add(id);
    }
    manifest.sweeps = json.at("sweeps");
    for (const Json& file : json.at("files")) manifest.files.push_back(FileFromJson(file));
    if (json.contains("replaces")) manifest.replaces = json.at("replaces");
  } catch (const std::exception& error) {
    return absl::DataLossError(absl::StrCat("it can't be understood: ", error.what()));
  }
  return manifest;
}

}  // namespace firstguess

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "tools/firstguess/export/output_file.h"
#include "tools/firstguess/export/table_writer.h"
#include "tools/firstguess/export/trial_set.h"

namespace firstguess {

// What an export is asked for; two that are equal go into one folder.
struct ExportRequest {
  std::string format;
  std::string sweep;                // empty: all
  std::vector<std::string> tables;  // empty: those that were measured
  int64_t trials_per_file = 0;

  bool operator==(const ExportRequest&) const = default;
};

struct ExportedFile {
  std::string name;  // in the manifest's folder
  std::string table;
  int64_t rows = 0;
  int64_t trials = 0;
  Fingerprint fingerprint;
  TableColumns columns;
  std::string source;  // a hash of all that decides what is in it
};

// What stands in manifest.json beside an export's files. Stable: fields are only added.
struct Manifest {
  std::string version;  // of the program
  int64_t schema_version = 0;
  std::string database;     // its path, as it was given
  std::string database_id;  // tells one database from another
  ExportRequest request;
  double begun_at = 0;  // when the trials were chosen; Unix seconds
  TrialSet trials;
  // One a sweep: name, counters, and each revision's spec as submitted and canonical.
  nlohmann::ordered_json sweeps = nlohmann::ordered_json::array();
  std::vector<ExportedFile> files;
  // Files of an earlier export that are still to be replaced; of unfinished ones only.
  std::vector<std::string> replaces;
};

std::string ManifestToJson(const Manifest& manifest);

// DataLoss for what ManifestToJson does not write.
absl::StatusOr<Manifest> ManifestFromJson(const std::string& text);

}  // namespace firstguess

#include "tools/firstguess/first_steps.h"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tools/firstguess/shell_word.h"

namespace firstguess {
namespace {

constexpr absl::string_view kWhatItIs =
    "firstguess trains grids of small networks and keeps every early trajectory in one SQLite "
    "file.\n\nWhat to do next:\n";
constexpr absl::string_view kHelp =
    "  firstguess --help\n      all commands; 'firstguess COMMAND --help' has examples\n";

// A folder of thousands of files is no place to look for a hint.
constexpr int kMostEntries = 2000;

// Whether the file's header has the application_id of our databases (coordinator/store/schema.h),
// four bytes at offset 68 of every SQLite file.
bool IsDatabase(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  char header[72] = {};
  return file.read(header, sizeof(header)) && absl::string_view(header + 68, 4) == "FGDB";
}

bool IsSweepFile(const std::filesystem::path& path) {
  if (path.extension() != ".yaml" && path.extension() != ".yml") return false;
  std::ifstream file(path);
  std::string line;
  for (int i = 0; i < 1000 && std::getline(file, line); ++i) {
    if (absl::StartsWith(line, "grid:")) return true;
  }
  return false;
}

struct Found {
  std::string database;    // the newest; empty: none
  std::string sweep_file;  // likewise
};

Found LookAround(const std::string& folder) {
  Found found;
  std::filesystem::file_time_type database_time;
  std::filesystem::file_time_type sweep_time;
  const auto take = [](const std::filesystem::path& path, std::string& newest,
                       std::filesystem::file_time_type& newest_time) {
    std::error_code error;
    const auto time = std::filesystem::last_write_time(path, error);
    if (error || (!newest.empty() && time <= newest_time)) return;
    newest = path.filename().string();
    newest_time = time;
  };
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (int i = 0; !error && entry != std::filesystem::directory_iterator() && i < kMostEntries;
       ++i) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored)) {
      if (IsDatabase(entry->path())) take(entry->path(), found.database, database_time);
      if (IsSweepFile(entry->path())) take(entry->path(), found.sweep_file, sweep_time);
    }
    entry.increment(error);
  }
  return found;
}

void Add(absl::string_view command, absl::string_view meaning, std::string* steps) {
  absl::StrAppend(steps, "  firstguess ", command, "\n      ", meaning, "\n");
}

}  // namespace

std::string FirstSteps(const std::string& folder) {
  const Found found = LookAround(folder);
  std::string steps(kWhatItIs);
  const std::string file = found.sweep_file.empty() ? "SPEC.yaml" : ShellPath(found.sweep_file);
  if (!found.database.empty()) {
    const std::string database = ShellPath(found.database);
    Add(absl::StrCat("list --db ", database), "the sweeps in this folder's newest database",
        &steps);
    Add(absl::StrCat("report --db ", database), "their pictures, in one HTML file", &steps);
    Add(absl::StrCat("query --db ", database, " --ask accuracy"),
        "a question of the cookbook ('firstguess query --cookbook' lists them)", &steps);
  }
  Add(absl::StrCat("preview ", file), "what a sweep file would do, and how long it would take",
      &steps);
  Add(absl::StrCat("run ", file), "train it on this machine, or go on where it stopped", &steps);
  return absl::StrCat(steps, kHelp);
}

}  // namespace firstguess

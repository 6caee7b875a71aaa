#include "tools/firstguess/doctor/database_findings.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "coordinator/store/inspection.h"
#include "tools/firstguess/failure.h"
#include "tools/firstguess/format.h"

namespace firstguess {
namespace {

using Level = Finding::Level;

constexpr int64_t kLargeLog = int64_t{1} << 30;
constexpr int64_t kLittleRoom = int64_t{1} << 30;
constexpr int64_t kNoRoom = int64_t{64} << 20;

Finding FileFinding(const std::string& path, const Inspection& found) {
  if (!found.file_system.empty()) {
    return {"database", Level::kProblem,
            absl::StrCat(path, " is on a network file system (", found.file_system,
                         "), where SQLite can't protect it."),
            "Move it to a disk of the machine that the coordinator runs on.", kExitInput};
  }
  std::string text = absl::StrCat(
      path, ": ", FormatBytes(found.bytes), ", version ", found.version, ", ",
      FormatCountOf(found.done_cells, "cell"), " done, ",
      found.holder.empty() ? "no coordinator has it open" : absl::StrCat("open in ", found.holder),
      ".");
  if (found.version < found.newest_version) {
    absl::StrAppend(&text, " The coordinator of this release will bring it to version ",
                    found.newest_version, ".");
  }
  return {"database", Level::kOk, std::move(text)};
}

Finding LogFinding(const Inspection& found) {
  std::string text =
      absl::StrCat("the write-ahead log has ", FormatBytes(found.log_bytes),
                   found.log_readers.empty() ? "" : ", read by ", found.log_readers, ".");
  if (found.log_bytes <= kLargeLog) return {"log", Level::kOk, std::move(text)};
  return {"log", Level::kWarning, std::move(text),
          found.log_readers.empty() ? "A coordinator copies it back while it works."
                                    : "End those readers: it grows until they do."};
}

// What open cells will need, judged by those that are done.
Finding DiskFinding(const Inspection& found) {
  const double bytes_per_cell = found.done_cells == 0 ? 0
                                                      : static_cast<double>(found.bytes) /
                                                            static_cast<double>(found.done_cells);
  const auto needed = static_cast<int64_t>(bytes_per_cell * static_cast<double>(found.open_cells));
  std::string text = absl::StrCat(FormatBytes(found.disk_free_bytes), " free");
  if (needed > 0) {
    absl::StrAppend(&text, ", about ", FormatBytes(needed), " needed for ",
                    FormatCountOf(found.open_cells, "open cell"));
  }
  absl::StrAppend(&text, ".");
  const std::string next =
      "Make room, or move the database (with the coordinator stopped) to a larger disk.";
  if (found.disk_free_bytes < kNoRoom) {
    return {"disk", Level::kProblem, std::move(text), next, kExitRefused};
  }
  if (found.disk_free_bytes < std::max(kLittleRoom, needed)) {
    return {"disk", Level::kWarning, std::move(text), next};
  }
  return {"disk", Level::kOk, std::move(text)};
}

Finding ContentFinding(const Inspection& found) {
  if (found.damage.empty()) {
    return {"content", Level::kOk, "intact; references and counters agree with the rows."};
  }
  return {"content", Level::kProblem,
          absl::StrCat(FormatCountOf(static_cast<int64_t>(found.damage.size()), "fault"),
                       ", the first: ", found.damage.front(), "."),
          "Keep the file, and go on with a copy that 'firstguess backup' made."};
}

Finding ClockFinding(std::optional<double> newest_time, Clock* clock) {
  const absl::Time now = clock->WallNow();
  const std::string shown = absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", now, absl::UTCTimeZone());
  const int64_t year = absl::ToCivilYear(now, absl::UTCTimeZone()).year();
  const std::string next = "Set the clock (timedatectl); nothing but recorded times depends on it.";
  if (year < 2025 || year > 2100) {
    return {"clock", Level::kProblem, absl::StrCat("it is ", shown, " here."), next};
  }
  if (newest_time.has_value() &&
      *newest_time > absl::ToDoubleSeconds(now - absl::UnixEpoch()) + 60) {
    return {"clock", Level::kWarning,
            absl::StrCat("it is ", shown, " here, but the database has a time from ",
                         FormatTime(*newest_time), "."),
            next};
  }
  return {"clock", Level::kOk, absl::StrCat("it is ", shown, ".")};
}

}  // namespace

Findings DatabaseFindings(const std::string& path, bool thorough, Context* context) {
  if (path.empty()) return {ClockFinding(std::nullopt, context->clock)};
  const absl::StatusOr<Inspection> found = InspectDatabase(path, thorough);
  if (!found.ok()) {
    const Failure failure = DatabaseFailure(found.status(), path);
    return {{"database", Level::kProblem, absl::StrCat(failure.message, "."), failure.next,
             static_cast<ExitCode>(failure.code)},
            ClockFinding(std::nullopt, context->clock)};
  }
  Findings findings = {FileFinding(path, *found), LogFinding(*found), DiskFinding(*found)};
  if (thorough) findings.push_back(ContentFinding(*found));
  findings.push_back(ClockFinding(found->newest_time, context->clock));
  return findings;
}

}  // namespace firstguess

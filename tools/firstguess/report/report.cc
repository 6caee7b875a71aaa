#include "tools/firstguess/report/report.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tools/firstguess/report/findings.h"
#include "tools/firstguess/report/page.h"
#include "tools/firstguess/report/read_sweep.h"
#include "tools/firstguess/report/report_json.h"

namespace firstguess {
namespace {

absl::Status FileError(const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path));
}

// Writes a file beside `path` and renames it there.
absl::Status ReplaceFile(const std::string& path, const std::string& content) {
  const std::string temporary = absl::StrCat(path, ".tmp");
  std::FILE* file = std::fopen(temporary.c_str(), "wb");
  if (file == nullptr) return FileError(path);
  absl::Cleanup remove = [&temporary] { std::remove(temporary.c_str()); };
  const bool written = std::fwrite(content.data(), 1, content.size(), file) == content.size();
  const int write_error = errno;
  if (std::fclose(file) != 0) return FileError(path);
  if (!written) {
    errno = write_error;
    return FileError(path);
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return FileError(path);
  std::move(remove).Cancel();
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteReport(const ReportOptions& options) {
  absl::StatusOr<std::unique_ptr<SweepReader>> reader = SweepReader::Open(options.database);
  if (!reader.ok()) return reader.status();
  absl::StatusOr<SweepData> data = (*reader)->ReadSweep(options.sweep);
  if (!data.ok()) return data.status();
  ReportSource source;
  source.data = &*data;
  source.database = std::filesystem::path(options.database).filename().string();
  source.generated_at = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch());
  source.trajectory = [&reader](int64_t trial_id) { return (*reader)->ReadTrajectory(trial_id); };
  absl::StatusOr<nlohmann::json> report = ReportJson(source);
  if (!report.ok()) return report.status();
  return ReplaceFile(options.output, Page(*report, FindingsOf(*data)));
}

absl::StatusOr<std::vector<std::string>> Findings(const std::string& database,
                                                  const std::string& sweep) {
  absl::StatusOr<std::unique_ptr<SweepReader>> reader = SweepReader::Open(database);
  if (!reader.ok()) return reader.status();
  absl::StatusOr<SweepData> data = (*reader)->ReadSweep(sweep);
  if (!data.ok()) return data.status();
  return FindingsOf(*data);
}

}  // namespace firstguess

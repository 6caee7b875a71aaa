#include "tools/firstguess/report/report.h"

#include <filesystem>
#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tools/firstguess/report/findings.h"
#include "tools/firstguess/report/page.h"
#include "tools/firstguess/report/read_sweep.h"
#include "tools/firstguess/report/replace_file.h"
#include "tools/firstguess/report/report_json.h"

namespace firstguess {
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

#include "tools/firstguess/slurm/slurm.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tools/firstguess/run_program.h"

namespace firstguess {
namespace {

// A busy controller answers late.
constexpr absl::Duration kPatience = absl::Minutes(2);

// The number that `text` begins with, as in "30 sec".
std::optional<int64_t> LeadingNumber(absl::string_view text) {
  int64_t number = 0;
  const std::vector<absl::string_view> words = absl::StrSplit(text, ' ');
  if (!absl::SimpleAtoi(words.front(), &number)) return std::nullopt;
  return number;
}

}  // namespace

SlurmSite ParseSite(absl::string_view text) {
  SlurmSite site;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits('=', 1));
    if (parts.size() != 2) continue;
    const absl::string_view name = absl::StripAsciiWhitespace(parts[0]);
    const std::optional<int64_t> value = LeadingNumber(absl::StripAsciiWhitespace(parts[1]));
    if (!value.has_value()) continue;
    // The largest index is one below it.
    if (name == "MaxArraySize") site.longest_array = *value > 1 ? *value : 0;
    if (name == "KillWait") site.kill_wait = absl::Seconds(*value);
  }
  return site;
}

SlurmJobs ParseJobs(absl::string_view text) {
  SlurmJobs jobs;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipWhitespace())) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(absl::StripAsciiWhitespace(line), ' ', absl::SkipEmpty());
    if (words.size() != 2 || !jobs.ids.insert(std::string(words[0])).second) continue;
    const bool waits =
        words[1] == "PENDING" || words[1] == "REQUEUED" || words[1] == "REQUEUE_HOLD";
    ++(waits ? jobs.counts.pending : jobs.counts.running);
  }
  return jobs;
}

std::vector<std::string> SubmitCommand(const std::string& script, int64_t count) {
  std::vector<std::string> command = {"sbatch", "--parsable"};
  if (count > 1) command.push_back(absl::StrCat("--array=0-", count - 1));
  command.push_back(script);
  return command;
}

absl::StatusOr<SlurmSite> Slurm::Site() const {
  const absl::StatusOr<std::string> output = RunProgram({"scontrol", "show", "config"}, kPatience);
  if (!output.ok()) return output.status();
  return ParseSite(*output);
}

absl::StatusOr<SlurmJobs> Slurm::Jobs(const std::string& name) const {
  const absl::StatusOr<std::string> output = RunProgram(
      {"squeue", "--me", "--noheader", "--array", "--name", name, "--format", "%i %T"}, kPatience);
  if (!output.ok()) return output.status();
  return ParseJobs(*output);
}

Slurm::Submitted Slurm::Submit(const std::string& script, int64_t count,
                               const SlurmSite& site) const {
  Submitted submitted;
  while (submitted.jobs < count) {
    const int64_t now = std::min(count - submitted.jobs, std::max<int64_t>(1, site.longest_array));
    const absl::StatusOr<std::string> output = RunProgram(SubmitCommand(script, now), kPatience);
    if (!output.ok()) {
      submitted.stopped = output.status();
      return submitted;
    }
    // "12", or "12;cluster" where there are several clusters.
    const std::vector<std::string> parts = absl::StrSplit(absl::StripAsciiWhitespace(*output), ';');
    submitted.ids.push_back(now == 1 ? parts.front()
                                     : absl::StrCat(parts.front(), "_[0-", now - 1, "]"));
    submitted.jobs += now;
  }
  return submitted;
}

}  // namespace firstguess

#include "tools/firstguess/launcher.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tools/firstguess/format.h"

namespace firstguess {
namespace {

// A worker needs so long to stop its trainers and to deliver.
constexpr absl::Duration kTimeToLeave = absl::Seconds(12);

// Slurm's own words for some refusals, and what to do about them.
struct Refusal {
  absl::string_view words;
  ExitCode code;
  absl::string_view next;
};
constexpr Refusal kRefusals[] = {
    {"invalid partition", kExitInput,
     "'sinfo --summarize' lists the partitions: name one of them "
     "with --partition."},
    {"invalid account", kExitInput,
     "'sacctmgr show associations user=$USER' lists your accounts: name one of them with "
     "--account."},
    {"qos", kExitRefused,
     "'sacctmgr show qos' lists what each allows: ask for less with --time, "
     "--gpus or --max, or name another with --qos."},
    {"time limit", kExitRefused,
     "'sinfo --format \"%P %l\"' lists what partitions allow: ask for "
     "less with --time."},
    {"submit limit", kExitRefused, "You have as many jobs as you may: ask for fewer with --max."},
    {"node configuration", kExitRefused,
     "No node of the partition has that: ask for less with "
     "--cpus, --mem or --gpus ('sinfo --Node --long' lists nodes)."},
    {"generic resource", kExitInput,
     "'sinfo --format \"%P %G\"' lists the GPUs by partition: correct "
     "--gpus or --partition."},
};

}  // namespace

Failure SlurmFailure(const absl::Status& status) {
  const std::string said(status.message());
  if (absl::IsNotFound(status)) {
    return {kExitFailed,
            {},
            absl::StrCat(said, " on this machine, so no job can be submitted from here."),
            "Do it on a login node, or see the script with --dry-run."};
  }
  const std::string lower = absl::AsciiStrToLower(said);
  for (const Refusal& refusal : kRefusals) {
    if (absl::StrContains(lower, refusal.words)) {
      return {refusal.code, {}, absl::StrCat(said, "."), std::string(refusal.next)};
    }
  }
  return {
      kExitFailed,
      {},
      absl::StrCat(said, "."),
      "'scontrol ping' says whether Slurm's controller answers; --dry-run shows the script that "
      "was submitted."};
}

std::variant<Launcher::Round, Failure> Launcher::Go() {
  if (!site_.has_value()) {
    const absl::StatusOr<SlurmSite> site = slurm_.Site();
    if (!site.ok()) return SlurmFailure(site.status());
    site_ = *site;
  }
  const absl::StatusOr<SlurmJobs> jobs = slurm_.Jobs(options_.job_name);
  if (!jobs.ok()) return SlurmFailure(jobs.status());
  const absl::StatusOr<OpenPacks::View> view = open_packs_.Look(jobs->ids);
  if (!view.ok()) return ServiceFailure(view.status(), client_->address());
  const absl::Duration now = clock_->MonotonicNow();
  fruitless_.Look(jobs->ids, view->worked, now);

  Round round;
  round.work = view->work;
  round.jobs = jobs->counts;
  if (site_->kill_wait.has_value() && *site_->kill_wait < kTimeToLeave) {
    round.notes.push_back(absl::StrCat(
        "Slurm leaves a preempted job ", absl::ToInt64Seconds(*site_->kill_wait),
        " s (KillWait), and a worker needs ", absl::ToInt64Seconds(kTimeToLeave),
        " s to hand back its work: what it trains may count as lost, and is trained again."));
  }
  for (const auto& [why, workers] : view->unable) {
    round.notes.push_back(
        absl::StrCat(FormatCountOf(workers, "worker"), " can't work: ", Visible(why)));
  }
  if (now < fruitless_.wait_until()) {
    round.notes.push_back(absl::StrCat(FormatCountOf(fruitless_.in_a_row(), "job"),
                                       " in a row ended without having worked, so no more are "
                                       "submitted for a while: their logs, and "
                                       "'firstguess workers', say why."));
    return round;
  }
  const int64_t wanted = JobsToSubmit(round.work, round.jobs, options_.limits);
  if (wanted == 0) return round;
  Slurm::Submitted submitted = slurm_.Submit(options_.script, wanted, *site_);
  if (submitted.jobs == 0) return SlurmFailure(submitted.stopped);
  if (!submitted.stopped.ok()) {
    round.notes.push_back(absl::StrCat("Slurm took ", submitted.jobs, " of ", wanted,
                                       " jobs, then said: ", submitted.stopped.message()));
  }
  round.submitted = std::move(submitted.ids);
  round.submitted_jobs = submitted.jobs;
  return round;
}

}  // namespace firstguess

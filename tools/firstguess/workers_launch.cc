#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/rpc/address.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/interrupt.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/launch_options.h"
#include "tools/firstguess/launch_rounds.h"
#include "tools/firstguess/launch_script.h"
#include "tools/firstguess/launcher.h"
#include "tools/firstguess/shell_word.h"

namespace firstguess {
namespace {

constexpr int64_t kSupervisedPending = 10;

int DryRun(const LaunchOptions& options, const WorkerJob& job, const std::string& script,
           Context* context) {
  const std::vector<std::string> command =
      SubmitCommand(LaunchedScriptPath(job), options.limits.jobs);
  if (options.json) {
    context->out->Write(JsonText({{"script", script}, {"command", command}}) + "\n");
    return kExitDone;
  }
  context->out->Write(script);
  context->out->Flush();
  const std::string words = absl::StrJoin(
      command, " ",
      [](std::string* text, const std::string& word) { absl::StrAppend(text, ShellWord(word)); });
  context->err->Write(absl::StrCat("Nothing was submitted. At most this would be: ", words, "\n"));
  return kExitDone;
}

int Supervise(const LaunchOptions& options, Launcher* launcher, LaunchRounds* rounds,
              Context* context) {
  Interrupt interrupt;
  bool first = true;
  while (!context->out->closed()) {
    const std::variant<Launcher::Round, Failure> done = launcher->Go();
    if (const auto* failure = std::get_if<Failure>(&done)) {
      // What is wrong from the beginning is for the person, what comes later may pass.
      if (first) return Report(*failure, context);
      rounds->Note(absl::StrCat(failure->message, " ", failure->next, " Trying again."));
    } else {
      rounds->Tell(std::get<Launcher::Round>(done));
    }
    first = false;
    if (!interrupt.requested()) interrupt.Wait(absl::Seconds(options.interval_seconds));
    if (interrupt.requested()) {
      return Report(
          {kExitInterrupted,
           {},
           "no more jobs will be submitted; those that are there go on, and end when they "
           "have nothing to do.",
           "The same command goes on; 'scancel --name " + ShellWord(options.job.name) +
               " --user $USER' ends them."},
          context);
    }
  }
  return kExitDone;
}

int Launch(const LaunchOptions& options, Context* context) {
  auto filled = JobToLaunch(options, *context);
  if (auto* failure = std::get_if<Failure>(&filled)) return Report(*failure, context);
  const auto& job = std::get<WorkerJob>(filled);
  auto script = ScriptToLaunch(options, job);
  if (auto* failure = std::get_if<Failure>(&script)) return Report(*failure, context);
  const absl::StatusOr<Address> address = ParseAddress(job.coordinator);
  if (address.ok() && address->is_local()) {
    context->err->Write(absl::StrCat("Only jobs on this machine will reach the coordinator at ",
                                     job.coordinator,
                                     "; --worker-coordinator names another address of it.\n"));
  }
  if (options.dry_run) return DryRun(options, job, std::get<std::string>(script), context);
  auto connected = Connect(options.coordinator);
  if (auto* failure = std::get_if<Failure>(&connected)) return Report(*failure, context);
  const auto& client = std::get<std::unique_ptr<SweepClient>>(connected);
  auto path = KeepScript(job, std::get<std::string>(script));
  if (auto* failure = std::get_if<Failure>(&path)) return Report(*failure, context);

  Launcher::Options launched = {
      .job_name = job.name,
      .script = std::get<std::string>(path),
      .limits = options.limits,
      .offer = {.device = job.gpus.empty() ? "cpu" : "cuda",
                .labels = absl::StrSplit(job.labels, ',', absl::SkipEmpty())}};
  launched.limits.pending = options.max_pending > 0 ? options.max_pending
                            : options.supervise     ? kSupervisedPending
                                                    : options.limits.jobs;
  Launcher launcher(client.get(), context->clock, std::move(launched));
  LaunchRounds rounds(&options, job.log_dir, context);
  if (options.supervise) return Supervise(options, &launcher, &rounds, context);
  const std::variant<Launcher::Round, Failure> done = launcher.Go();
  if (const auto* failure = std::get_if<Failure>(&done)) return Report(*failure, context);
  rounds.Tell(std::get<Launcher::Round>(done));
  return kExitDone;
}

}  // namespace

void AddWorkersLaunchCommand(CLI::App* workers, Action* action) {
  auto options = std::make_shared<LaunchOptions>();
  CLI::App* command = AddCommand(
      workers, "launch",
      "Asks a cluster's engine for jobs with workers, as many as the open work can use",
      {{"workers launch slurm --partition gpu --gpus 1 --time 4:00:00 --max 64 --dry-run",
        "the batch script, and nothing is submitted"},
       {"workers launch slurm --partition gpu --gpus 1 --time 4:00:00 --max 64 --supervise",
        "until Ctrl-C: more jobs whenever more work is open"},
       {"workers launch slurm --cpus 8 --coordinator head:7171 --worker-tls ~/workers --max 4",
        "on processors; the coordinator is on another machine, and FIRSTGUESS_TLS is your own"},
       {"workers launch slurm --cpus 8 --mem 16G --max 4 -- --data-dir /shared/datasets",
        "what follows -- are options of firstguess-worker"}},
      &options->json);
  AddLaunchOptions(command, options.get());
  command->callback([options, action] {
    *action = [options](Context* context) { return Launch(*options, context); };
  });
}

}  // namespace firstguess

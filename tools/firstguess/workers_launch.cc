#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/interrupt.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/launcher.h"
#include "tools/firstguess/report/replace_file.h"
#include "tools/firstguess/shell_word.h"
#include "tools/firstguess/slurm/batch_script.h"
#include "tools/firstguess/slurm/worker_template.h"

namespace firstguess {
namespace {

struct LaunchOptions {
  bool json = false;
  std::string engine;
  WorkerJob job;
  LaunchLimits limits;
  int64_t max_pending = 0;  // 0: not said
  std::string batch_template;
  std::string worker_coordinator;
  CoordinatorOption coordinator;
  bool supervise = false;
  int64_t interval_seconds = 10;
  bool dry_run = false;
};

constexpr int64_t kSupervisedPending = 10;

// The job with what is not said filled in.
WorkerJob JobOf(const LaunchOptions& options, const Context& context) {
  WorkerJob job = options.job;
  job.coordinator =
      options.worker_coordinator.empty() ? options.coordinator.address : options.worker_coordinator;
  if (job.worker.empty()) job.worker = absl::StrCat(context.program_folder, "/firstguess-worker");
  const std::string folder = job.log_dir.empty() ? "firstguess-logs" : job.log_dir;
  std::error_code error;
  job.log_dir = std::filesystem::absolute(folder, error).lexically_normal().string();
  while (job.log_dir.size() > 1 && job.log_dir.back() == '/') job.log_dir.pop_back();
  if (job.gpus == "0") job.gpus.clear();
  return job;
}

std::variant<std::string, Failure> ScriptFor(const LaunchOptions& options, const WorkerJob& job) {
  if (!job.gpus.empty() && job.gpus != "1" && !absl::EndsWith(job.gpus, ":1")) {
    return Failure{kExitInput,
                   {},
                   absl::StrCat("--gpus is ", job.gpus, ", but a worker trains on one GPU."),
                   "Ask for one a job (--gpus 1, or TYPE:1) and more jobs (--max); for whole nodes "
                   "see deploy/slurm/README.md."};
  }
  std::string text(WorkerTemplate());
  if (!options.batch_template.empty()) {
    std::ifstream file(options.batch_template);
    std::stringstream content;
    content << file.rdbuf();
    if (!file) {
      return Failure{kExitInput,
                     {},
                     absl::StrCat("the template ", options.batch_template, " can't be read."),
                     "Name a file with --template, or leave it out for the built-in one."};
    }
    text = content.str();
  }
  const absl::StatusOr<std::string> script = BatchScript(text, job);
  if (script.ok()) return *script;
  return Failure{kExitInput,
                 {},
                 absl::StrCat(script.status().message(), "."),
                 "Correct the option, or the file of --template."};
}

int DryRun(const LaunchOptions& options, const WorkerJob& job, const std::string& script,
           Context* context) {
  const std::vector<std::string> command =
      SubmitCommand(absl::StrCat(job.log_dir, "/", job.name, ".sbatch"), options.limits.jobs);
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

// Puts the script where the jobs' output goes; returns its path.
std::variant<std::string, Failure> KeepScript(const WorkerJob& job, const std::string& script) {
  std::error_code error;
  std::filesystem::create_directories(job.log_dir, error);
  const std::string path = absl::StrCat(job.log_dir, "/", job.name, ".sbatch");
  const absl::Status written =
      error ? absl::UnavailableError(error.message()) : ReplaceFile(path, script);
  if (written.ok()) return path;
  return Failure{kExitFailed,
                 {},
                 absl::StrCat(path, " can't be written: ", written.message(), "."),
                 "Name a folder that the nodes share, and that you may write to, with --log-dir."};
}

// What a round came to, told when it differs from the one before.
class Rounds {
 public:
  Rounds(const LaunchOptions* options, std::string log_dir, Context* context)
      : options_(options), log_dir_(std::move(log_dir)), context_(context) {}

  void Tell(const Launcher::Round& round) {
    for (const std::string& note : round.notes) Note(note);
    told_.insert(round.notes.begin(), round.notes.end());
    std::erase_if(told_, [&round](const std::string& note) {
      return std::find(round.notes.begin(), round.notes.end(), note) == round.notes.end();
    });
    if (options_->supervise && told_once_ && round.submitted_jobs == 0) return;
    told_once_ = true;
    if (options_->json) {
      context_->out->Write(JsonText({{"event", "round"},
                                     {"submitted", round.submitted},
                                     {"submitted_jobs", round.submitted_jobs},
                                     {"pending_jobs", round.jobs.pending},
                                     {"running_jobs", round.jobs.running},
                                     {"busy_workers", round.work.busy},
                                     {"waiting_packs", round.work.packs},
                                     {"log_dir", log_dir_}}) +
                           "\n");
    } else {
      context_->out->Write(InWords(round));
    }
    context_->out->Flush();
  }

  // Once, while it lasts.
  void Note(const std::string& note) {
    if (!told_.insert(note).second) return;
    if (options_->json) {
      context_->out->Write(JsonText({{"event", "note"}, {"text", note}}) + "\n");
    } else {
      context_->out->Write(note + "\n");
    }
    context_->out->Flush();
  }

 private:
  std::string InWords(const Launcher::Round& round) const {
    const std::string there =
        absl::StrCat(FormatCountOf(round.work.packs, "pack"), " waiting; of the jobs before, ",
                     FormatCount(round.jobs.pending), " pending and ",
                     FormatCount(round.jobs.running), " running.");
    if (round.submitted_jobs > 0) {
      return absl::StrCat("Submitted ", FormatCountOf(round.submitted_jobs, "job"), " (",
                          absl::StrJoin(round.submitted, ", "), "). ", there, " Logs are in ",
                          ShellWord(log_dir_), ".\n");
    }
    const std::string nothing = absl::StrCat("Nothing submitted: ", there, "\n");
    if (options_->supervise || round.work.packs > 0) return nothing;
    return absl::StrCat(nothing, "Submit a sweep first, or let --supervise wait for one.\n");
  }

  const LaunchOptions* const options_;
  const std::string log_dir_;
  Context* const context_;
  std::set<std::string> told_;
  bool told_once_ = false;
};

int Supervise(const LaunchOptions& options, Launcher* launcher, Rounds* rounds, Context* context) {
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

bool IsOnThisMachineOnly(absl::string_view address) {
  for (const char* start : {"unix:", "127.", "localhost:", "[::1]:"}) {
    if (absl::StartsWith(address, start)) return true;
  }
  return false;
}

int Launch(const LaunchOptions& options, Context* context) {
  const WorkerJob job = JobOf(options, *context);
  auto script = ScriptFor(options, job);
  if (auto* failure = std::get_if<Failure>(&script)) return Report(*failure, context);
  if (IsOnThisMachineOnly(job.coordinator)) {
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
  Rounds rounds(&options, job.log_dir, context);
  if (options.supervise) return Supervise(options, &launcher, &rounds, context);
  const std::variant<Launcher::Round, Failure> done = launcher.Go();
  if (const auto* failure = std::get_if<Failure>(&done)) return Report(*failure, context);
  rounds.Tell(std::get<Launcher::Round>(done));
  return kExitDone;
}

void AddJobOptions(CLI::App* command, WorkerJob* job) {
  command->add_option("--partition", job->partition, "Slurm's partition")->type_name("NAME");
  command->add_option("--account", job->account, "Slurm's account")->type_name("NAME");
  command->add_option("--qos", job->qos, "Slurm's quality of service")->type_name("NAME");
  command->add_option("--gpus", job->gpus, "1 or TYPE:1: a GPU for each worker; else it has none")
      ->type_name("GPU");
  command->add_option("--cpus", job->cpus, "Processors of a job; without a GPU, a trainer on each")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  command->add_option("--mem", job->mem, "Memory of a job, such as 8G")->type_name("SIZE");
  command->add_option("--time", job->time, "Longest time of a job, such as 4:00:00")
      ->type_name("TIME");
  command->add_option("--name", job->name, "The jobs' name, by which they are found again")
      ->type_name("NAME");
  command
      ->add_option("--log-dir", job->log_dir,
                   "Folder that the nodes share: NAME-JOB.log; firstguess-logs here if not said")
      ->type_name("FOLDER");
  command
      ->add_option("--worker", job->worker, "firstguess-worker on the nodes; the one beside this")
      ->type_name("FILE");
  command->add_option("--labels", job->labels, "What 'requires: {labels: …}' may ask for")
      ->type_name("LABELS");
  command
      ->add_option("--idle-exit", job->idle_seconds, "A worker without work ends after this; 300")
      ->check(CLI::PositiveNumber)
      ->type_name("SECONDS");
  command->add_option("--notice", job->notice_seconds, "Before --time is over, to finish; 120")
      ->check(CLI::Range(12, 65535))
      ->type_name("SECONDS");
}

void AddLimitOptions(CLI::App* command, LaunchOptions* options) {
  command->add_option("--max", options->limits.jobs, "Jobs at a time, at most; 1 if not said")
      ->check(CLI::Range(1, 100000))
      ->type_name("N");
  command
      ->add_option("--max-pending", options->max_pending,
                   "Of them in the queue; 10 with --supervise, else --max")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  command
      ->add_option("--packs-per-job", options->limits.packs_per_job,
                   "Waiting packs for which a job is worth its start; 4 if not said")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
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
       {"workers launch slurm --cpus 8 --mem 16G --max 4 -- --data-dir /shared/datasets",
        "on processors; what follows -- are options of firstguess-worker"}},
      &options->json);
  command->add_option("ENGINE", options->engine, "slurm")
      ->required()
      ->check(CLI::IsMember({"slurm"}));
  command->add_option("WORKER_OPTION", options->job.arguments,
                      "After --: more options of firstguess-worker");
  AddJobOptions(command, &options->job);
  AddLimitOptions(command, options.get());
  command->add_flag("--supervise", options->supervise,
                    "Stay, look again and again, and ask for more");
  command->add_option("--interval", options->interval_seconds, "Between two looks; 10 if not said")
      ->check(CLI::PositiveNumber)
      ->type_name("SECONDS");
  command
      ->add_option("--template", options->batch_template,
                   "Another batch script than the built-in one")
      ->type_name("FILE");
  command
      ->add_option("--worker-coordinator", options->worker_coordinator,
                   "The coordinator as the nodes reach it; else --coordinator")
      ->type_name("ADDRESS");
  command->add_flag("--dry-run", options->dry_run, "Print the batch script and submit nothing");
  AddCoordinatorOption(command, &options->coordinator);
  command->callback([options, action] {
    *action = [options](Context* context) { return Launch(*options, context); };
  });
}

}  // namespace firstguess

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/embedded_cluster.h"
#include "tools/firstguess/follow_run.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/on_finish.h"
#include "tools/firstguess/processors.h"
#include "tools/firstguess/run_summary.h"
#include "tools/firstguess/service_source.h"
#include "tools/firstguess/submission.h"

namespace firstguess {
namespace {

struct RunOptions {
  bool json = false;
  std::string spec;
  bool extend = false;
  std::string database;
  int workers = 0;  // 0: as many as fit
  std::string device = "cpu";
  std::string data_folder;
  std::string report;
  bool no_report = false;
  NotifyPlaces on_finish;
};

// Fills in what the person left open.
void Complete(const SpecFile& spec, RunOptions* options) {
  if (options->database.empty()) options->database = absl::StrCat(spec.sweep.name, ".db");
  if (options->workers == 0) options->workers = WorkersThatFit(options->device);
  if (options->no_report) {
    options->report.clear();
  } else if (options->report.empty()) {
    options->report = absl::StrCat(absl::StripSuffix(options->database, ".db"), ".html");
  }
}

Failure Interrupted(const SweepNumbers& numbers) {
  return {kExitInterrupted,
          {},
          absl::StrCat("stopped; ", InWords(numbers), "."),
          "The same command goes on where it was."};
}

void SayWhatBegins(const Submission& submission, const RunOptions& options, Context* context) {
  if (options.json) {
    nlohmann::ordered_json event = {{"event", "started"},
                                    {"sweep", ToJson(submission.numbers)},
                                    {"database", options.database},
                                    {"workers", options.workers},
                                    {"worker_log", WorkerLogPath(options.database)}};
    if (submission.change.has_value()) event["change"] = ToJson(*submission.change);
    context->out->Write(JsonText(event) + "\n");
  } else {
    if (submission.change.has_value()) {
      context->out->Write(absl::StrCat("Revision ", submission.numbers.revision, ": ",
                                       InWords(*submission.change), ".\n"));
    }
    context->out->Write(absl::StrCat(submission.existed ? "Going on with " : "Training ",
                                     submission.numbers.name, ": ", InWords(submission.numbers),
                                     ". ", FormatCountOf(options.workers, "worker"), " on ",
                                     options.device, ", results in ", options.database, ".\n"));
  }
  context->out->Flush();
}

std::optional<Failure> StartWorkers(const RunOptions& options, const Context& context,
                                    EmbeddedCluster* cluster) {
  LocalWorkers::Options workers;
  workers.program = absl::StrCat(context.program_folder, "/firstguess-worker");
  workers.device = options.device;
  workers.data_folder = options.data_folder;
  workers.log = WorkerLogPath(options.database);
  workers.count = options.workers;
  const absl::Status started = cluster->StartWorkers(workers);
  if (started.ok()) return std::nullopt;
  return Failure{kExitFailed,
                 {},
                 absl::StrCat(started.message(), "."),
                 "Build or install firstguess-worker beside firstguess, then try again."};
}

// Trains what is left. Returns the sweep's last numbers, or why it did not end.
std::variant<SweepNumbers, Failure> Train(const Submission& submission, const RunOptions& options,
                                          EmbeddedCluster* cluster, Interrupt* interrupt,
                                          Context* context) {
  std::optional<Failure> failure = StartWorkers(options, *context, cluster);
  if (failure.has_value()) return *failure;
  SayWhatBegins(submission, options, context);
  const std::unique_ptr<Progress> progress =
      MakeProgress(context->out, context->clock, options.json);
  RunEnd end = FollowRun(cluster, submission.numbers,
                         {options.database, WorkerLogPath(options.database), options.data_folder},
                         progress.get(), interrupt, context);
  if (end.interrupted && !options.json) {
    context->out->Write(
        "Stopping: the workers hand back what they hold. Ctrl-C again ends at once.\n");
    context->out->Flush();
  }
  cluster->StopWorkers();
  if (end.failure.has_value()) return *end.failure;
  if (!end.interrupted) return end.numbers;
  // Results that were under way have arrived meanwhile.
  v1::GetRequest request;
  request.set_name(end.numbers.name);
  const auto now = cluster->client().Call(&SweepClient::Stub::Get, request);
  return Interrupted(now.ok() ? FromProto(now->sweep()) : end.numbers);
}

int Run(RunOptions options, Context* context) {
  if (auto failure = CheckOnFinish(options.on_finish)) return Report(*failure, context);
  auto read = ReadSpecFile(options.spec);
  if (auto* failure = std::get_if<Failure>(&read)) return Report(*failure, context);
  const auto& spec = std::get<SpecFile>(read);
  Complete(spec, &options);

  Interrupt interrupt;
  auto started = EmbeddedCluster::Start(options.database, context->clock);
  if (!started.ok()) return Report(DatabaseFailure(started.status(), options.database), context);
  EmbeddedCluster* const cluster = started->get();
  auto submitted = SubmitSpec(cluster->client(), spec, options.extend, options.database);
  if (auto* failure = std::get_if<Failure>(&submitted)) return Report(*failure, context);
  auto* const submission = std::get_if<Submission>(&submitted);
  if (submission->numbers.state == "paused") {
    v1::ResumeRequest request;
    request.set_name(spec.sweep.name);
    const auto resumed = cluster->client().Call(&SweepClient::Stub::Resume, request);
    if (!resumed.ok()) return Report(ServiceFailure(resumed.status(), options.database), context);
    submission->numbers = FromProto(*resumed);
  }

  SummaryOptions summary{options.json, options.database, options.report, true, std::nullopt};
  SweepNumbers numbers = submission->numbers;
  if (!numbers.all_ended()) {
    auto trained = Train(*submission, options, cluster, &interrupt, context);
    if (auto* failure = std::get_if<Failure>(&trained)) return Report(*failure, context);
    numbers = std::get<SweepNumbers>(trained);
    summary.was_done = false;
    summary.trainers_busy = cluster->TrainersBusyShare();
  }
  // The coordinator closes the file after this: only a writer removes the files beside it.
  const int code = Summarize(numbers, summary, context);
  if (!summary.was_done) TellOfEnd(options.on_finish, numbers, &interrupt, context);
  return code;
}

}  // namespace

void AddRunCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = AddCommand(
      app, "run", "Trains a whole sweep on this machine; run again, it goes on where it was",
      {{"run sweep.yaml", "a worker for each processor; results in NAME.db, report in NAME.html"},
       {"run sweep.yaml --device cuda:0 --db results/wide.db", "on a GPU, into another file"},
       {"run sweep.yaml --extend", "edited since: only what is new is trained"},
       {"run sweep.yaml --on-finish 'mail -s \"$FIRSTGUESS_SWEEP ended\" me < /dev/null'",
        "says so when it is over"},
       {"run sweep.yaml --workers 1 --no-report --json", "for a program"}},
      &options->json);
  command->add_option("SPEC", options->spec, "The sweep file; - for standard input")->required();
  command->add_flag("--extend", options->extend,
                    "Make it the next revision if its name is there with another spec");
  command->add_option("--db", options->database, "The database file; else NAME.db in this folder")
      ->type_name("FILE");
  command
      ->add_option("--workers", options->workers,
                   "Worker processes, 1 to 1024; else one for each processor, or one for a GPU")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  command
      ->add_option("--device", options->device,
                   "What the workers train on, cpu or cuda:0 and so on; cpu if not said")
      ->type_name("DEVICE");
  command
      ->add_option("--data-dir", options->data_folder,
                   "Where the data sets lie; else where Debian's packages put them")
      ->check(CLI::ExistingDirectory)
      ->type_name("FOLDER");
  CLI::Option* report =
      command->add_option("--report", options->report, "The report; else the database's with .html")
          ->type_name("FILE");
  command->add_flag("--no-report", options->no_report, "Write no report")->excludes(report);
  AddOnFinishOptions(command, &options->on_finish);
  command->callback([options, action] {
    *action = [options](Context* context) { return Run(*options, context); };
  });
}

}  // namespace firstguess

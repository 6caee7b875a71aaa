#include <algorithm>

#include "tools/firstguess/commands.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/table.h"

namespace firstguess {
namespace {

struct WorkersOptions {
  bool json = false;
  CoordinatorOption coordinator;
};

nlohmann::ordered_json ToJson(const v1::WorkerStatus& worker) {
  return {{"name", worker.name()},
          {"instance_id", worker.instance_id()},
          {"device", worker.device()},
          {"device_name", worker.device_name()},
          {"state", worker.state()},
          {"reason", worker.reason()},
          {"leases", worker.leases()},
          {"trials_done", worker.trials_done()},
          {"trainer_seconds", worker.trainer_seconds()},
          {"trainer_busy_seconds", worker.trainer_busy_seconds()},
          {"heartbeat_age_seconds", worker.heartbeat_age_seconds()},
          {"build", worker.build()},
          {"job", worker.job()},
          {"log", worker.log()}};
}

// Of its trainers' time; empty before it said anything.
std::string BusyShare(const v1::WorkerStatus& worker) {
  if (worker.trainer_seconds() <= 0) return "";
  return FormatShare(worker.trainer_busy_seconds() / worker.trainer_seconds());
}

// With the job and the log of each if one runs in a batch job: others are where one started them.
void PrintTable(const v1::ListWorkersResponse& workers, Terminal* out) {
  using Align = Table::Align;
  const bool with_jobs =
      std::any_of(workers.workers().begin(), workers.workers().end(),
                  [](const v1::WorkerStatus& worker) { return !worker.job().empty(); });
  std::vector<Table::Column> columns = {{"worker"},
                                        {"device"},
                                        {"state"},
                                        {"leases", Align::kRight},
                                        {"done", Align::kRight},
                                        {"busy", Align::kRight},
                                        {"last heard", Align::kRight}};
  if (with_jobs) columns.insert(columns.end(), {{"job"}, {"log", Align::kLeft, true}});
  columns.push_back({"reason", Align::kLeft, true});
  Table table(columns);
  for (const v1::WorkerStatus& worker : workers.workers()) {
    const std::string device =
        worker.device_name().empty() ? worker.device() : worker.device_name();
    std::vector<std::string> row = {
        worker.name(),
        device,
        worker.state(),
        FormatCount(worker.leases()),
        FormatCount(worker.trials_done()),
        BusyShare(worker),
        DurationInWords(absl::Seconds(worker.heartbeat_age_seconds())) + " ago"};
    if (with_jobs) row.insert(row.end(), {worker.job(), worker.log()});
    row.push_back(worker.reason());
    table.AddRow(row);
  }
  table.Print(out);
}

int Workers(const WorkersOptions& options, Context* context) {
  auto connected = Connect(options.coordinator);
  if (auto* failure = std::get_if<Failure>(&connected)) return Report(*failure, context);
  const auto& client = std::get<std::unique_ptr<SweepClient>>(connected);
  const absl::StatusOr<v1::ListWorkersResponse> workers =
      client->Call(&SweepClient::Stub::ListWorkers, v1::ListWorkersRequest());
  if (!workers.ok()) return Report(ServiceFailure(workers.status(), client->address()), context);
  if (options.json) {
    nlohmann::ordered_json answer = {{"workers", nlohmann::ordered_json::array()}};
    for (const v1::WorkerStatus& worker : workers->workers()) {
      answer["workers"].push_back(ToJson(worker));
    }
    context->out->Write(JsonText(answer) + "\n");
  } else if (workers->workers().empty()) {
    context->out->Write(
        "No worker is connected. 'firstguess-worker --help' tells how to start one, "
        "'firstguess workers launch --help' how to start many on a cluster.\n");
  } else {
    PrintTable(*workers, context->out);
  }
  return kExitDone;
}

}  // namespace

void AddWorkersCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<WorkersOptions>();
  CLI::App* command = AddCommand(
      app, "workers", "The workers of a live coordinator, and why any of them can't work",
      {{"workers", "of the coordinator on this machine"},
       {"workers --json --coordinator unix:/run/firstguess.sock", "of another, as JSON"}},
      &options->json);
  AddCoordinatorOption(command, &options->coordinator);
  AddWorkersLaunchCommand(command, action);
  command->callback([options, action, command] {
    if (!command->get_subcommands().empty()) return;  // which has set the action
    *action = [options](Context* context) { return Workers(*options, context); };
  });
}

}  // namespace firstguess

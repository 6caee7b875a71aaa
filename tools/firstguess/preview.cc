#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/grid/pack_plan.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/database.h"
#include "tools/firstguess/estimate.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/preview_answer.h"
#include "tools/firstguess/processors.h"
#include "tools/firstguess/spec_change.h"
#include "tools/firstguess/spec_file.h"

namespace firstguess {
namespace {

// A preview of many cells takes the coordinator longer than other calls.
constexpr absl::Duration kLongPreview = absl::Minutes(2);

struct PreviewOptions {
  bool json = false;
  std::string spec;
  std::string database;
  std::string device = "cpu";
  CoordinatorOption coordinator;
  bool ask_coordinator = false;
};

using MaybePreview = std::variant<Preview, Failure>;

bool IsGpu(const PreviewOptions& options) { return absl::StartsWith(options.device, "cuda"); }

std::string ChangeInWords(const SpecChange& change) {
  return absl::StrCat("revision ", change.revision,
                      " is there with another spec; with --extend: ", InWords(change));
}

// What the source says of the sweep's name. `change` looks at the spec that is there.
template <typename Change>
std::string WhatIsThere(SweepSource* source, const Sweep& sweep, const Change& change) {
  const absl::StatusOr<SweepDetails> details = source->Get(sweep.name);
  if (!details.ok()) return "";
  const ParsedSweep there = ParseSweep(details->spec, "");
  if (there.sweep.has_value() && there.sweep->canonical == sweep.canonical) {
    return absl::StrCat("this sweep was submitted before: ", InWords(details->numbers));
  }
  if (there.sweep.has_value()) return change(details->numbers.revision, *there.sweep);
  return absl::StrCat("a sweep of this name is there, with a spec that this version can't read");
}

MaybePreview AskCoordinator(const PreviewOptions& options, const SpecFile& spec) {
  auto connected = Connect(options.coordinator);
  if (auto* failure = std::get_if<Failure>(&connected)) return *failure;
  const auto& client = std::get<std::unique_ptr<SweepClient>>(connected);
  v1::PreviewRequest request;
  request.set_spec(spec.text);
  request.set_spec_path(spec.path);
  const absl::StatusOr<v1::PreviewResponse> response =
      client->Call(&SweepClient::Stub::Preview, request, kLongPreview);
  if (!response.ok()) return ServiceFailure(response.status(), client->address());
  Preview preview;
  preview.estimate.cells = response->cells();
  preview.estimate.known = response->trials_known();
  preview.estimate.known_is_exact = response->known_is_exact();
  preview.estimate.packs = static_cast<double>(response->packs());
  preview.estimate.flops = response->total_flops();
  preview.estimate.bytes = static_cast<double>(response->bytes());
  preview.seconds = response->seconds();
  preview.basis = preview.seconds > 0 ? "at the speed of the workers connected now"
                                      : "no speed was measured yet";
  auto source = OpenServiceSource(options.coordinator.address, options.coordinator.security);
  if (source.ok()) {
    preview.sweep_there =
        WhatIsThere(source->get(), spec.sweep, [&](int64_t, const Sweep&) -> std::string {
          return response->has_change() ? ChangeInWords(FromProto(response->change())) : "";
        });
  }
  if (IsGpu(options)) {
    const absl::StatusOr<PackPlan> plan = PackPlan::Make(std::make_shared<Sweep>(spec.sweep));
    if (!plan.ok()) return CellsFailure(spec, plan.status());
    preview.gpu = LookAtGpuPacks(*plan);
  }
  return preview;
}

MaybePreview ReadDatabase(const PreviewOptions& options, const SpecFile& spec) {
  Preview preview;
  std::vector<MeasuredShape> measured;
  IsKnown is_known;
  std::unique_ptr<Database> database;
  const std::string path =
      options.database.empty() ? absl::StrCat(spec.sweep.name, ".db") : options.database;
  absl::StatusOr<std::unique_ptr<Database>> opened = Database::Open(path);
  if (opened.ok()) {
    database = *std::move(opened);
    absl::StatusOr<std::vector<MeasuredShape>> shapes = database->MeasuredShapes();
    if (!shapes.ok()) return DatabaseFailure(shapes.status(), path);
    measured = *std::move(shapes);
    is_known = [&database](const std::string& key) { return database->HasTrial(key); };
  } else if (!absl::IsNotFound(opened.status()) || !options.database.empty()) {
    return DatabaseFailure(opened.status(), path);
  }

  const absl::StatusOr<PackPlan> plan = PackPlan::Make(std::make_shared<Sweep>(spec.sweep));
  if (!plan.ok()) return CellsFailure(spec, plan.status());
  const TrainingTime time(measured);
  const absl::StatusOr<Estimate> estimate = EstimateSweep(*plan, is_known, time);
  if (!estimate.ok()) return DatabaseFailure(estimate.status(), path);
  preview.estimate = *estimate;
  if (IsGpu(options)) preview.gpu = LookAtGpuPacks(*plan);
  if (database != nullptr) {
    preview.sweep_there = WhatIsThere(
        database.get(), spec.sweep, [&](int64_t revision, const Sweep& there) -> std::string {
          const auto plan_there = PackPlan::Make(std::make_shared<Sweep>(there));
          if (!plan_there.ok()) return std::string(plan_there.status().message());
          const auto new_plan = PackPlan::Make(plan->sweep(), &*plan_there);
          if (!new_plan.ok()) return std::string(new_plan.status().message());
          const absl::StatusOr<Estimate> added = EstimateSweep(*new_plan, is_known, time);
          if (!added.ok()) return std::string(added.status().message());
          const auto kept = static_cast<int64_t>(new_plan->sweep_cells() - new_plan->cells());
          return ChangeInWords({.revision = revision,
                                .kept = kept,
                                .added = added->cells,
                                .dropped = static_cast<int64_t>(plan_there->sweep_cells()) - kept,
                                .known = added->known,
                                .known_is_exact = added->known_is_exact});
        });
  }
  const int workers = WorkersThatFit(options.device);
  if (IsGpu(options) && !time.measured()) {
    preview.basis = "no speed of a GPU was measured yet";
    return preview;
  }
  preview.seconds = estimate->worker_seconds / workers;
  preview.basis = absl::StrCat(
      "with ", FormatCountOf(workers, "worker"),
      time.measured()
          ? ", at the speed of the trials in the database"
          : absl::StrCat(", roughly: at ",
                         FormatCount(std::llround(TrainingTime::kRoughFlopsPerSecond / 1e9)),
                         " GFLOP/s each, before anything was measured"));
  return preview;
}

int ShowPreview(const PreviewOptions& options, Context* context) {
  auto read = ReadSpecFile(options.spec);
  if (auto* failure = std::get_if<Failure>(&read)) return Report(*failure, context);
  const auto& spec = std::get<SpecFile>(read);
  const MaybePreview preview =
      options.ask_coordinator ? AskCoordinator(options, spec) : ReadDatabase(options, spec);
  if (auto* failure = std::get_if<Failure>(&preview)) return Report(*failure, context);
  if (options.json) {
    PrintPreviewJson(std::get<Preview>(preview), spec, context->out);
  } else {
    PrintPreview(std::get<Preview>(preview), spec, context->out);
  }
  return kExitDone;
}

}  // namespace

void AddPreviewCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<PreviewOptions>();
  CLI::App* command = AddCommand(
      app, "preview", "What a sweep file would do, without doing it",
      {{"preview sweep.yaml", "against NAME.db in this folder, if there is one"},
       {"preview sweep.yaml --db all.db", "trials in that file are not trained again"},
       {"preview sweep.yaml --device cuda", "and what packs a GPU wants"},
       {"preview sweep.yaml --coordinator 127.0.0.1:7171", "against a live coordinator"}},
      &options->json);
  command->add_option("SPEC", options->spec, "The sweep file; - for standard input")->required();
  CLI::Option* database =
      command->add_option("--db", options->database, "A database file; else NAME.db if it exists")
          ->type_name("FILE");
  CLI::Option* coordinator = command
                                 ->add_option("--coordinator", options->coordinator.address,
                                              "A live coordinator: HOST:PORT or unix:PATH")
                                 ->type_name("ADDRESS")
                                 ->excludes(database);
  AddSecurityOptions(command, &options->coordinator.security);
  command
      ->add_option("--device", options->device,
                   "What is to train it; for cuda, what to write under 'pack:'. cpu if not said")
      ->type_name("DEVICE");
  command->callback([options, action, coordinator] {
    options->ask_coordinator = coordinator->count() > 0;
    *action = [options](Context* context) { return ShowPreview(*options, context); };
  });
}

}  // namespace firstguess

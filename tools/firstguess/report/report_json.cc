#include "tools/firstguess/report/report_json.h"

#include <map>
#include <utility>
#include <vector>

#include "tools/firstguess/report/axis_positions.h"
#include "tools/firstguess/report/initial_bias_json.h"
#include "tools/firstguess/report/labels.h"
#include "tools/firstguess/report/table_json.h"
#include "tools/firstguess/report/trajectories_json.h"

namespace firstguess {
namespace {

using nlohmann::json;

json SweepJson(const SweepData& data) {
  return {{"name", data.name},
          {"state", data.state},
          {"cells", data.cells},
          {"done", data.done},
          {"failed", data.failed},
          {"cancelled", data.cancelled},
          {"leased", data.leased},
          {"pending", data.pending},
          {"diverged", data.diverged},
          {"created_at", data.created_at},
          {"finished_at", OptionalJson(data.finished_at)}};
}

json TreatmentsJson(const SweepData& data) {
  json treatments = json::array();
  for (const Treatment& treatment : data.treatments) {
    treatments.push_back({{"label", treatment.label},
                          {"loss", treatment.loss},
                          {"loss_params", treatment.loss_params},
                          {"loss_delay_steps", treatment.loss_delay_steps}});
  }
  return treatments;
}

// What the effect of a loss depends on; the page shows it at its head, varied or not.
json SettingJson(const SweepData& data) {
  json setting = json::array();
  for (const char* name :
       {"dataset", "model", "optimizer", "learning_rate", "momentum", "batch_size", "steps"}) {
    const TrialField& field = data.fields[FieldIndex(data, name)];
    const bool idle =
        field.values.empty() ||
        (field.values.size() == 1 && std::holds_alternative<std::monostate>(field.values.front()));
    if (!idle) setting.push_back({{"label", FieldLabel(name)}, {"value", ValuesLabel(field)}});
  }
  return setting;
}

json FixedJson(const SweepData& data) {
  json fixed = json::array();
  for (const TrialField& field : data.fields) {
    if (field.values.size() != 1 || std::holds_alternative<std::monostate>(field.values.front())) {
      continue;
    }
    fixed.push_back({{"label", FieldLabel(field.name)}, {"value", ValuesLabel(field)}});
  }
  return fixed;
}

json ClassesJson(const SweepData& data) {
  std::map<std::string, std::vector<std::string>> classes;
  const size_t dataset = FieldIndex(data, "dataset");
  for (const TrialRow& trial : data.trials) {
    if (trial.classes == 0) continue;
    const std::string name = ValueLabel(ValueOf(data, trial, dataset));
    if (classes.count(name) == 0) classes[name] = ClassNames(name, trial.classes);
  }
  return classes;
}

json ProvenanceJson(const ReportSource& source) {
  const SweepData& data = *source.data;
  json failures = json::array();
  for (const auto& [message, trials] : data.failures) failures.push_back({message, trials});
  return {{"database", source.database},
          {"libraries", data.libraries},
          {"devices", data.devices},
          {"workers", data.workers},
          {"train_seconds", data.train_seconds},
          {"first_started_at", OptionalJson(data.first_started_at)},
          {"last_finished_at", OptionalJson(data.last_finished_at)},
          {"failures", std::move(failures)}};
}

json RevisionsJson(const SweepData& data) {
  json revisions = json::array();
  for (const Revision& revision : data.revisions) {
    revisions.push_back({{"revision", revision.revision},
                         {"submitted_at", revision.submitted_at},
                         {"spec", revision.spec}});
  }
  return revisions;
}

}  // namespace

absl::StatusOr<json> ReportJson(const ReportSource& source) {
  const SweepData& data = *source.data;
  AxisPositions axes(data);
  absl::StatusOr<ChosenTrajectories> chosen = ChooseTrajectories(source, axes.fields());
  if (!chosen.ok()) return chosen.status();
  for (const Group& group : chosen->groups) axes.MarkTrial(data.trials[group.trials.front()]);
  const InitialBias bias = FindInitialBias(source, &axes);
  const SweepTable table = MakeTable(source, &axes);

  json page = {{"sweep", SweepJson(data)},
               {"generated_at", source.generated_at},
               {"setting", SettingJson(data)},
               {"fixed", FixedJson(data)},
               {"treatments", TreatmentsJson(data)},
               {"classes", ClassesJson(data)},
               {"axes", axes.ToJson()},
               {"initial", InitialBiasJson(data, bias, axes)},
               {"table", TableJson(table, axes)},
               {"provenance", ProvenanceJson(source)},
               {"revisions", RevisionsJson(data)}};
  const TrialField& dataset = data.fields[FieldIndex(data, "dataset")];
  page["dataset"] = dataset.values.size() == 1 ? ValueJson(dataset.values.front()) : json(nullptr);
  AddTrajectories(data, *chosen, axes, &page);
  return page;
}

}  // namespace firstguess

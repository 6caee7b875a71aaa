#include "tools/firstguess/report/findings.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tools/firstguess/report/analysis.h"
#include "tools/firstguess/report/labels.h"

namespace firstguess {
namespace {

constexpr size_t kMostLosses = 8;   // printed of one start
constexpr size_t kMostDepths = 12;  // printed in one line

std::string Value(const SweepData& data, const TrialRow& trial, const std::string& field) {
  return ValueLabel(ValueOf(data, trial, FieldIndex(data, field)));
}

// "width 64, depth 10, seed 3": what tells the trial's group from others; empty if nothing does.
std::string Place(const SweepData& data, const TrialRow& trial) {
  std::vector<std::string> parts;
  for (const size_t field : VaryingFields(data)) {
    parts.push_back(absl::StrCat(FieldLabel(data.fields[field].name), " ",
                                 ValueLabel(ValueOf(data, trial, field))));
  }
  return absl::StrJoin(parts, ", ");
}

std::string ClassLabel(const SweepData& data, const TrialRow& trial, int64_t index) {
  const std::string dataset = Value(data, trial, "dataset");
  const std::string name =
      ClassNames(dataset, trial.classes)[static_cast<size_t>(std::max<int64_t>(index, 0))];
  const std::string number = absl::StrCat("class ", index);
  return name == number ? number : absl::StrCat(number, " (", name, ")");
}

std::string CountLine(const SweepData& data) {
  std::string line = absl::StrCat(data.cells, data.cells == 1 ? " cell: " : " cells: ", data.done,
                                  " done (", data.diverged, " diverged), ", data.failed, " failed");
  if (data.cancelled > 0) absl::StrAppend(&line, ", ", data.cancelled, " cancelled");
  if (data.leased + data.pending > 0) {
    absl::StrAppend(&line, ", ", data.leased + data.pending, " still to come");
  }
  return absl::StrCat(line, ".");
}

std::string OutcomeLine(const SweepData& data, const TrialRow& trial) {
  const std::string label = data.treatments[trial.treatment].label;
  if (trial.diverged_at_step.has_value()) {
    return absl::StrFormat("  %s: diverged at step %d.", label, *trial.diverged_at_step);
  }
  if (!trial.last.has_value()) return absl::StrCat("  ", label, ": not measured.");
  return absl::StrFormat(
      "  %s: mean probability of class %d now %.3f, %d of %d classes with recall above chance, "
      "accuracy %.3f.",
      label, trial.favoured_class, trial.last->favoured_prob, trial.last->above_chance,
      trial.classes, trial.last->accuracy);
}

void AddMostBiased(const SweepData& data, std::vector<std::string>* lines) {
  const std::vector<Group> groups = GroupByStart(data, VaryingFields(data));
  if (groups.empty()) return;
  const Group& group = groups.front();
  const TrialRow& start = data.trials[group.trials.front()];
  const std::string place = Place(data, start);
  lines->push_back(absl::StrFormat(
      "Most biased start%s%s: %s has mean probability %.3f before training and is the guess for "
      "%.1f %% of the probe examples.",
      place.empty() ? "" : ", ", place, ClassLabel(data, start, start.favoured_class),
      start.first->favoured_prob, 100 * start.first->max_guess));
  if (!start.last.has_value() || start.last->step == 0) return;
  lines->push_back(
      absl::StrFormat("From that very start, after %s steps with %s, learning rate %s:",
                      Value(data, start, "steps"), Value(data, start, "optimizer"),
                      Value(data, start, "learning_rate")));
  const size_t shown = std::min(group.trials.size(), kMostLosses);
  for (size_t i = 0; i < shown; ++i) {
    lines->push_back(OutcomeLine(data, data.trials[group.trials[i]]));
  }
  if (shown < group.trials.size()) {
    lines->push_back(absl::StrCat("  and ", group.trials.size() - shown, " more losses."));
  }
}

void AddBiasByDepth(const SweepData& data, std::vector<std::string>* lines) {
  const std::vector<Start> starts = DistinctStarts(data);
  const size_t depth = FieldIndex(data, "depth");
  const std::vector<StartMean> means = MeanOfStarts(data, starts, depth, std::nullopt);
  if (means.empty() || means.size() > kMostDepths) return;
  std::vector<std::string> parts;
  for (const StartMean& mean : means) {
    parts.push_back(absl::StrFormat("%.3f at depth %s", mean.max_guess,
                                    ValueLabel(data.fields[depth].values[mean.x])));
  }
  lines->push_back(
      absl::StrCat("Largest guess fraction before training, mean over ", starts.size(),
                   starts.size() == 1 ? " start: " : " starts: ", absl::StrJoin(parts, ", "), "."));
}

}  // namespace

std::vector<std::string> FindingsOf(const SweepData& data) {
  std::vector<std::string> lines = {CountLine(data)};
  AddMostBiased(data, &lines);
  AddBiasByDepth(data, &lines);
  return lines;
}

}  // namespace firstguess

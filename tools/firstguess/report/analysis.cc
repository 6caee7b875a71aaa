#include "tools/firstguess/report/analysis.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "tools/firstguess/report/theory_of_start.h"

namespace firstguess {
namespace {

std::vector<uint32_t> ValuesAt(const TrialRow& trial, const std::vector<size_t>& fields) {
  std::vector<uint32_t> values;
  values.reserve(fields.size());
  for (const size_t field : fields) values.push_back(trial.values[field]);
  return values;
}

// NaN sorts below every number.
double Orderable(double value) { return std::isnan(value) ? -1 : value; }

}  // namespace

std::optional<double> Median(std::vector<double> values) {
  values.erase(std::remove_if(values.begin(), values.end(), [](double v) { return std::isnan(v); }),
               values.end());
  if (values.empty()) return std::nullopt;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

std::vector<Group> GroupByStart(const SweepData& data, const std::vector<size_t>& fields) {
  absl::flat_hash_map<std::vector<uint32_t>, size_t> known;
  std::vector<Group> groups;
  for (size_t i = 0; i < data.trials.size(); ++i) {
    if (!data.trials[i].first.has_value()) continue;
    std::vector<uint32_t> values = ValuesAt(data.trials[i], fields);
    const auto [found, added] = known.try_emplace(values, groups.size());
    if (added) groups.push_back({.values = std::move(values)});
    groups[found->second].trials.push_back(i);
  }
  // Trials of a group start alike, so any of them tells the bias.
  const auto bias = [&data](const Group& group) {
    const TrialRow& trial = data.trials[group.trials.front()];
    return std::make_tuple(-Orderable(trial.first->favoured_prob),
                           -Orderable(trial.first->max_guess), trial.trial_id);
  };
  std::sort(groups.begin(), groups.end(),
            [&bias](const Group& a, const Group& b) { return bias(a) < bias(b); });
  for (Group& group : groups) {
    std::sort(group.trials.begin(), group.trials.end(), [&data](size_t a, size_t b) {
      return std::make_pair(data.trials[a].treatment, a) <
             std::make_pair(data.trials[b].treatment, b);
    });
  }
  return groups;
}

std::vector<TableRow> AggregateSeeds(const SweepData& data, const std::vector<size_t>& fields) {
  std::map<std::pair<std::vector<uint32_t>, uint32_t>, std::vector<const TrialRow*>> cells;
  for (const TrialRow& trial : data.trials) {
    cells[{ValuesAt(trial, fields), trial.treatment}].push_back(&trial);
  }
  std::vector<TableRow> rows;
  for (const auto& [key, trials] : cells) {
    TableRow row{.values = key.first, .treatment = key.second};
    std::vector<double> initial_max_guess, initial_prob, max_guess, prob, above_chance, accuracy;
    for (const TrialRow* trial : trials) {
      if (trial->status == "failed") ++row.failed;
      if (trial->diverged_at_step.has_value()) ++row.diverged;
      if (trial->first.has_value()) {
        ++row.trials;
        initial_max_guess.push_back(trial->first->max_guess);
        initial_prob.push_back(trial->first->favoured_prob);
      }
      if (trial->last.has_value() && !trial->diverged_at_step.has_value()) {
        max_guess.push_back(trial->last->max_guess);
        prob.push_back(trial->last->favoured_prob);
        above_chance.push_back(static_cast<double>(trial->last->above_chance));
        accuracy.push_back(trial->last->accuracy);
      }
    }
    row.initial_max_guess = Median(std::move(initial_max_guess));
    row.initial_prob = Median(std::move(initial_prob));
    row.final_max_guess = Median(std::move(max_guess));
    row.final_prob = Median(std::move(prob));
    row.above_chance = Median(std::move(above_chance));
    row.accuracy = Median(std::move(accuracy));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<size_t> StartFields(const SweepData& data) {
  static const auto* const names = new std::set<std::string>{"dataset",
                                                             "model",
                                                             "width",
                                                             "depth",
                                                             "activation",
                                                             "init",
                                                             "init_scale",
                                                             "bias_scale",
                                                             "seed",
                                                             "data_seed",
                                                             "probe_size",
                                                             "norm",
                                                             "norm_position",
                                                             "norm_statistics",
                                                             "pool",
                                                             "stem",
                                                             "readout_scale",
                                                             "init_max_guess_min",
                                                             "init_max_guess_max",
                                                             "init_tries",
                                                             "class_subset",
                                                             "input_shift",
                                                             "data_classes",
                                                             "data_dimension",
                                                             "data_separation",
                                                             "data_train_per_class",
                                                             "data_test_per_class"};
  std::vector<size_t> fields;
  for (size_t i = 0; i < data.fields.size(); ++i) {
    if (names->count(data.fields[i].name) > 0) fields.push_back(i);
  }
  return fields;
}

std::vector<Start> DistinctStarts(const SweepData& data) {
  const std::vector<size_t> fields = StartFields(data);
  absl::flat_hash_set<std::vector<uint32_t>> known;
  std::vector<Start> starts;
  TheoryOfStart theory(data);
  for (size_t i = 0; i < data.trials.size(); ++i) {
    const TrialRow& trial = data.trials[i];
    if (!trial.first.has_value() || std::isnan(trial.first->max_guess)) continue;
    if (!known.insert(ValuesAt(trial, fields)).second) continue;
    starts.push_back({.trial = i,
                      .max_guess = trial.first->max_guess,
                      .favoured_prob = trial.first->favoured_prob,
                      .expected_max_guess = theory.ExpectedMaxGuess(trial)});
  }
  return starts;
}

std::vector<StartMean> MeanOfStarts(const SweepData& data, const std::vector<Start>& starts,
                                    size_t x, std::optional<size_t> series) {
  std::map<std::pair<uint32_t, uint32_t>, StartMean> means;
  for (const Start& start : starts) {
    const TrialRow& trial = data.trials[start.trial];
    const uint32_t at_series = series.has_value() ? trial.values[*series] : 0;
    StartMean& mean = means[{at_series, trial.values[x]}];
    mean.x = trial.values[x];
    mean.series = at_series;
    ++mean.starts;
    mean.max_guess += start.max_guess;
    mean.favoured_prob += start.favoured_prob;
    mean.expected_max_guess += start.expected_max_guess;
  }
  std::vector<StartMean> result;
  for (auto& [key, mean] : means) {
    mean.max_guess /= static_cast<double>(mean.starts);
    mean.favoured_prob /= static_cast<double>(mean.starts);
    mean.expected_max_guess /= static_cast<double>(mean.starts);
    result.push_back(mean);
  }
  return result;
}

}  // namespace firstguess

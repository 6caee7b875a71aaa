#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace firstguess {

// What the database says of one sweep, one row a trial, without the trajectories: enough for
// everything that is counted or averaged over all trials. Plain values.

// A column's value as SQLite holds it; monostate: NULL.
using SqlValue = std::variant<std::monostate, int64_t, double, std::string>;

// One field of a trial and the values that it takes in the sweep, in ascending order.
struct TrialField {
  std::string name;  // the column's
  std::vector<SqlValue> values;
};

// A loss with its parameters and its delay. Trials that differ in this alone start from the same
// weights and see the same batches.
struct Treatment {
  std::string loss;
  std::string loss_params;  // JSON object
  int64_t loss_delay_steps = 0;
  std::string label = {};  // "blurry, gamma 0.5"

  bool operator==(const Treatment&) const = default;
};

// A trial's state at one step, reduced to scalars. NaN: not measured.
struct Measured {
  int64_t step = 0;
  double accuracy = 0;
  double max_guess = 0;      // largest guess fraction
  double favoured_prob = 0;  // mean_prob of the class favoured at step 0
  int64_t above_chance = 0;  // classes whose recall is above 1 / classes
};

struct TrialRow {
  int64_t trial_id = 0;
  std::string status = {};
  std::vector<uint32_t> values = {};  // per SweepData::fields, the position in its values
  uint32_t treatment = 0;             // position in SweepData::treatments
  int64_t classes = 0;                // 0 without a trajectory
  int64_t favoured_class = -1;        // at step 0; -1 if not measured
  std::optional<int64_t> diverged_at_step = {};
  std::optional<Measured> first = {};  // step 0
  std::optional<Measured> last = {};   // the last step measured
};

struct Revision {
  int64_t revision = 0;
  double submitted_at = 0;  // Unix seconds
  std::string spec;
};

struct SweepData {
  int64_t sweep_id = 0;
  std::string name;
  std::string state;
  int64_t cells = 0;
  int64_t done = 0;
  int64_t failed = 0;
  int64_t cancelled = 0;
  int64_t leased = 0;
  int64_t pending = 0;
  int64_t diverged = 0;
  double created_at = 0;
  std::optional<double> finished_at;
  std::vector<Revision> revisions;

  // All fields of a trial but those of the treatment, in the columns' order.
  std::vector<TrialField> fields;
  std::vector<Treatment> treatments;
  std::vector<TrialRow> trials;  // of live cells, by trial_id

  // How the results were made: distinct values, and their sum or extremes.
  std::vector<std::string> libraries;
  std::vector<std::string> devices;
  std::vector<std::string> workers;
  double train_seconds = 0;
  std::optional<double> first_started_at;
  std::optional<double> last_finished_at;
  std::vector<std::pair<std::string, int64_t>> failures;  // "class: message" and trials, most first
};

// Fields that number replicates: results are aggregated over them.
bool IsSeed(const TrialField& field);

// Position of a field in `data.fields`. REQUIRES: it is there.
size_t FieldIndex(const SweepData& data, const std::string& name);

// The value of a field of a trial.
const SqlValue& ValueOf(const SweepData& data, const TrialRow& trial, size_t field);

// The fields that take more than one value, as positions in `data.fields`.
std::vector<size_t> VaryingFields(const SweepData& data);

}  // namespace firstguess

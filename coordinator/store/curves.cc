#include "coordinator/store/curves.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/spec/fields.h"
#include "coordinator/store/curve_trials.h"
#include "coordinator/store/sqlite/database.h"
#include "coordinator/store/sqlite/error.h"
#include "coordinator/store/sqlite/open_readers.h"
#include "coordinator/store/sqlite/time_limit.h"

namespace firstguess {
namespace {

constexpr int64_t kMostRanks = 10;

struct QuantityText {
  absl::string_view name;
  absl::string_view sql;  // of a trial: step, initial rank or -1, value
};

// In the order of CurveQuantity. Trial by trial, through the primary keys.
constexpr absl::string_view kOfClasses =
    " FROM class_snapshot CROSS JOIN trial_class USING (trial_id, class) CROSS JOIN trial USING"
    " (trial_id) WHERE class_snapshot.trial_id = ? AND initial_rank < ";
constexpr QuantityText kQuantities[] = {
    {"mean_prob", "SELECT step, initial_rank, mean_prob"},
    {"guess_fraction", "SELECT step, initial_rank, CAST(guess_count AS REAL) / probe_size"},
    {"recall", "SELECT step, initial_rank, CAST(correct_count AS REAL) / nullif(support, 0)"},
    {"accuracy", "SELECT step, -1, accuracy FROM snapshot WHERE trial_id = ?"},
    {"max_guess", "SELECT step, -1, max_guess FROM snapshot WHERE trial_id = ?"},
};

std::string SqlOf(CurveQuantity quantity) {
  const absl::string_view sql = kQuantities[static_cast<size_t>(quantity)].sql;
  if (quantity >= CurveQuantity::kAccuracy) return std::string(sql);
  return absl::StrCat(sql, kOfClasses, kMostRanks);
}

// The trials of one panel.
struct Group {
  std::string value;
  std::vector<TrialId> trials;
};

bool ComesBefore(const Group& a, const Group& b) {
  double left = 0;
  double right = 0;
  if (absl::SimpleAtod(a.value, &left) && absl::SimpleAtod(b.value, &right)) return left < right;
  return a.value < b.value;
}

// A field without effect in some of the trials does not make them differ.
size_t CountValues(const std::vector<FieldTexts>& fields, size_t field) {
  std::set<std::string> values;
  for (const FieldTexts& of_trial : fields) {
    if (of_trial[field].has_value()) values.insert(*of_trial[field]);
  }
  return values.size();
}

// The field to split by when none is said: the loss, or one of few values that is no seed.
std::string DefaultAxis(const std::map<std::string, size_t>& values, int64_t most_panels) {
  if (values.count("loss") > 0) return "loss";
  for (const auto& [name, count] : values) {
    if (name != "seed" && name != "data_seed" && count <= static_cast<size_t>(most_panels)) {
      return name;
    }
  }
  return "";
}

std::vector<Group> Split(const std::vector<TrialId>& trials, const std::vector<FieldTexts>& fields,
                         absl::string_view axis) {
  size_t field = 0;
  while (field < TrialFields().size() && TrialFields()[field].name != axis) ++field;
  std::map<std::string, std::vector<TrialId>> by_value;
  for (size_t i = 0; i < trials.size(); ++i) {
    by_value[field < TrialFields().size() ? fields[i][field].value_or("") : ""].push_back(
        trials[i]);
  }
  std::vector<Group> groups;
  for (auto& [value, members] : by_value) groups.push_back({value, std::move(members)});
  std::stable_sort(groups.begin(), groups.end(), ComesBefore);
  return groups;
}

// The number below which a share of the sorted values lies, between neighbours in proportion.
double Quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  const double above = below + 1 < sorted.size() ? sorted[below + 1] : sorted[below];
  return sorted[below] + (place - static_cast<double>(below)) * (above - sorted[below]);
}

absl::StatusOr<Curves::Panel> ReadPanel(sqlite::Statement* select, sqlite::Statement* diverged,
                                        const Group& group) {
  Curves::Panel panel;
  panel.value = group.value;
  panel.trials = static_cast<int64_t>(group.trials.size());
  std::map<int64_t, std::map<int64_t, std::vector<double>>> values;  // by rank and step
  for (const TrialId trial_id : group.trials) {
    sqlite::Run run(select, trial_id);
    for (;;) {
      const absl::StatusOr<bool> row = run.Step();
      if (!row.ok()) return row.status();
      if (!*row) break;
      if (run.row().IsNull(2)) continue;
      values[run.row().Integer(1)][run.row().Integer(0)].push_back(run.row().Real(2));
    }
    sqlite::Run is_diverged(diverged, trial_id);
    const absl::StatusOr<bool> row = is_diverged.Step();
    if (!row.ok()) return row.status();
    if (*row) ++panel.diverged;
  }
  for (auto& [rank, steps] : values) {
    Curves::Line& line = panel.lines.emplace_back();
    line.initial_rank = rank;
    for (auto& [step, at_step] : steps) {
      std::sort(at_step.begin(), at_step.end());
      line.points.push_back({.step = step,
                             .low = Quantile(at_step, 0.25),
                             .middle = Quantile(at_step, 0.5),
                             .high = Quantile(at_step, 0.75)});
    }
  }
  return panel;
}

absl::StatusOr<Curves> Read(sqlite::Database* database, const CurveRequest& request) {
  const absl::StatusOr<CurveTrials> drawn = DrawTrials(database, request);
  if (!drawn.ok()) return drawn.status();
  const auto fields = ReadFields(database, drawn->trials);
  if (!fields.ok()) return fields.status();

  Curves curves;
  curves.finished = drawn->finished;
  curves.drawn = static_cast<int64_t>(drawn->trials.size());
  std::map<std::string, size_t> values;
  for (size_t i = 0; i < TrialFields().size(); ++i) {
    const size_t count = CountValues(*fields, i);
    if (count < 2) continue;
    curves.axes.emplace_back(TrialFields()[i].name);
    values[curves.axes.back()] = count;
  }
  curves.axis = request.axis.empty() ? DefaultAxis(values, request.most_panels) : request.axis;
  std::vector<Group> groups = Split(drawn->trials, *fields, curves.axis);
  curves.values = static_cast<int64_t>(groups.size());
  if (curves.values > request.most_panels) groups.resize(static_cast<size_t>(request.most_panels));

  absl::StatusOr<sqlite::Statement> select = database->Prepare(SqlOf(request.quantity));
  if (!select.ok()) return select.status();
  absl::StatusOr<sqlite::Statement> diverged =
      database->Prepare("SELECT 1 FROM trial WHERE trial_id = ? AND diverged_at_step IS NOT NULL");
  if (!diverged.ok()) return diverged.status();
  for (const Group& group : groups) {
    absl::StatusOr<Curves::Panel> panel = ReadPanel(&*select, &*diverged, group);
    if (!panel.ok()) return panel.status();
    curves.panels.push_back(*std::move(panel));
  }
  return curves;
}

}  // namespace

absl::StatusOr<CurveQuantity> CurveQuantityFromName(absl::string_view name) {
  std::string names;
  for (size_t i = 0; i < std::size(kQuantities); ++i) {
    if (kQuantities[i].name == name) return static_cast<CurveQuantity>(i);
    absl::StrAppend(&names, names.empty() ? "" : ", ", kQuantities[i].name);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("no curve is drawn of `", name, "`: use one of ", names));
}

absl::StatusOr<Curves> ReadCurves(const std::string& path, const CurveRequest& request) {
  if (!request.axis.empty() && FindField(request.axis) == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("a trial has no field `", request.axis, "`"));
  }
  const sqlite::OpenReader reader(path, "curves");
  const auto database = sqlite::Database::OpenReadOnly(path);
  if (!database.ok()) return database.status();
  FG_SQLITE_TRY((*database)->SetPragma("query_only", "1"));
  // One snapshot for all of it; the connection's end is the transaction's.
  FG_SQLITE_TRY((*database)->Execute("BEGIN"));
  const sqlite::TimeLimit limit(database->get(), request.most_time);
  absl::StatusOr<Curves> curves = Read(database->get(), request);
  if (sqlite::ClassOf(curves.status()) == sqlite::ErrorClass::kInterrupted) {
    return absl::DeadlineExceededError(absl::StrCat("the curves take longer than ",
                                                    absl::FormatDuration(request.most_time),
                                                    " to read; ask for them with a query"));
  }
  return curves;
}

}  // namespace firstguess

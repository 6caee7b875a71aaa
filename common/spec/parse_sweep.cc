#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/spec/exclude_reader.h"
#include "common/spec/grid_reader.h"
#include "common/spec/loss_reader.h"
#include "common/spec/map_reader.h"
#include "common/spec/model_checks.h"
#include "common/spec/required_fields.h"
#include "common/spec/section_keys.h"
#include "common/spec/settings_reader.h"
#include "common/spec/spec_errors.h"
#include "common/spec/sweep.h"
#include "common/spec/sweep_canonical.h"
#include "common/spec/sweep_checks.h"
#include "common/spec/yaml_tree.h"

namespace firstguess {
namespace {

using Kind = YamlNode::Kind;

// Dimensions of the points that sobol draws from.
constexpr size_t kMostSobolAxes = 32;

// Reads the tree of one sweep file into a sweep.
class SweepReader {
 public:
  explicit SweepReader(SpecErrors& errors) : errors_(errors), context_{.errors = errors} {}

  Sweep Read(const YamlNode& root) {
    if (root.kind != Kind::kMap) {
      errors_.Add(root.place, root.kind == Kind::kNull ? "the file is empty"
                                                       : "a sweep file must be a map of keys");
      return std::move(sweep_);
    }
    ReadTop(root);
    CheckSetTwice();
    CheckRequired(root);
    CheckCells();
    if (exclude_ != nullptr && grids_.invalid.empty()) {
      sweep_.excludes = ReadExcludes(*exclude_, sweep_, context_);
    }
    CheckSample();
    return std::move(sweep_);
  }

 private:
  // Each without value or axis yet, or with a valid one.
  bool AreValid(const std::vector<absl::string_view>& fields) const {
    return std::none_of(fields.begin(), fields.end(), [&](absl::string_view field) {
      return invalid_.contains(field) || grids_.invalid.contains(field);
    });
  }

  void ReadTop(const YamlNode& root) {
    for (const YamlNode::Entry* entry : ReadEntries(root, context_)) {
      mentioned_.insert(entry->key);
      if (entry->key == "train") {
        train_ = entry->place;
        ReadSection(entry->value, SpecMap::kTrain, "`train`");
      } else if (entry->key == "measure") {
        ReadSection(entry->value, SpecMap::kMeasure, "`measure`");
      } else if (entry->key == "init_condition") {
        ReadInitCondition(entry->value);
      } else if (entry->key == "grid") {
        grids_ = ReadGrids(entry->value, entry->place, context_);
        sweep_.grids.clear();
        for (const GridRead& grid : grids_.grids) sweep_.grids.push_back(grid.product);
      } else if (entry->key == "exclude") {
        exclude_ = &entry->value;
      } else if (entry->key == "sample") {
        sample_ = entry->place;
        ReadSetting(entry->key, entry->value, sweep_, context_);
      } else if (!ReadSetting(entry->key, entry->value, sweep_, context_)) {
        ReadField(*entry, SpecMap::kTop);
      }
    }
  }

  void ReadSection(const YamlNode& node, SpecMap map, absl::string_view where) {
    if (!IsMap(node, where, context_)) return;
    for (const YamlNode::Entry* entry : ReadEntries(node, context_)) ReadField(*entry, map);
  }

  // init_condition: {max_guess: {min: 0.9, max: 1}, tries: 50}
  void ReadInitCondition(const YamlNode& node) {
    if (!IsMap(node, "`init_condition`", context_)) return;
    for (const YamlNode::Entry* entry :
         ReadKnownEntries(node, "`init_condition`", {"max_guess", "tries"}, context_)) {
      if (entry->key == "tries") {
        ReadField({"init_tries", entry->place, entry->value}, SpecMap::kInitCondition);
      } else if (IsMap(entry->value, "`max_guess`", context_)) {
        for (const YamlNode::Entry* limit :
             ReadKnownEntries(entry->value, "`max_guess`", {"min", "max"}, context_)) {
          ReadField({absl::StrCat("init_max_guess_", limit->key), limit->place, limit->value},
                    SpecMap::kInitCondition);
        }
      }
    }
  }

  void ReadField(const YamlNode::Entry& entry, SpecMap map) {
    const Field* field = ReadFieldKey(entry, map, mentioned_, errors_);
    if (field == nullptr) return;
    set_.emplace(entry.key, entry.place);
    places_.emplace(entry.key, entry.value.place);
    std::optional<FieldValue> value;
    if (field->type() == FieldType::kLoss) {
      if (std::optional<Loss> loss = ReadLoss(entry.value, context_)) value = *std::move(loss);
    } else {
      value = ReadScalar(ScalarType::Of(*field), entry.value, context_);
    }
    if (!value.has_value() || !SetField(sweep_.base, *field, *value).ok()) {
      invalid_.insert(entry.key);
    }
  }

  // A field that is on an axis of every grid has no use for another value.
  void CheckSetTwice() {
    if (grids_.grids.empty()) return;
    for (const auto& [field, place] : grids_.grids.front().keys) {
      const auto set = set_.find(field);
      const bool is_on_all =
          std::all_of(grids_.grids.begin(), grids_.grids.end(),
                      [&, &key = field](const GridRead& grid) { return grid.keys.contains(key); });
      if (set == set_.end() || !is_on_all) continue;
      errors_.Add(place, absl::StrCat("`", field, "` is an axis and also set on line ",
                                      set->second.line, ": remove one of the two"));
    }
  }

  // What the cells of each grid have together.
  void CheckCells() {
    for (const GridRead& grid : grids_.grids) {
      FieldPlaces places = grid.values;
      places.insert(places_.begin(), places_.end());
      const auto check = [&](const std::vector<absl::string_view>& fields, const auto& function) {
        if (!AreValid(fields)) return;
        for (const CellValues& cells : ValuesForCheck(sweep_.base, grid.product, fields)) {
          function(cells, places, errors_);
        }
      };
      if (places.contains("dataset")) {
        check(FieldsOfExamples(), CheckExamples);
        check(FieldsOfModels(), CheckModels);
      }
      check(FieldsOfTogether(), CheckTogether);
    }
  }

  void CheckSample() {
    if (!sweep_.sample.has_value() || errors_.count() > 0) return;
    const Sample& sample = *sweep_.sample;
    if (static_cast<uint64_t>(sample.count) > sweep_.raw_cells()) {
      errors_.Add(*sample_,
                  absl::StrCat("`sample` asks for ", sample.count, " of ", sweep_.raw_cells(),
                               " cells: ask for fewer, or leave it ", "out to have all"));
    }
    if (sample.method != Sample::Method::kSobol) return;
    if (sweep_.grids.size() > 1) {
      errors_.Add(*sample_, "`sample` with `method` sobol needs a single grid: use random");
    } else if (sweep_.grids.front().axes.size() > kMostSobolAxes) {
      errors_.Add(*sample_, absl::StrCat("`sample` with `method` sobol takes at most ",
                                         kMostSobolAxes, " axes: use random"));
    }
  }

  // A key that is there but misspelt or misplaced has its error already.
  void CheckRequired(const YamlNode& root) {
    const auto require = [&](absl::string_view key, Place place, absl::string_view how) {
      if (!mentioned_.contains(key) && !grids_.mentioned.contains(key)) {
        errors_.Add(place, absl::StrCat("`", key, "` is missing: ", how));
      }
    };
    require("name", root.place, "give the sweep a name");
    for (const RequiredField& field : RequiredFields()) {
      const bool is_in_train = FindField(field.name)->section == FieldSection::kTrain;
      require(field.name, is_in_train ? train_.value_or(root.place) : root.place, field.advice);
    }
    require("grid", root.place, "list the axes, or write `grid: {}` for a single trial");
    RequireInEveryGrid();
  }

  // A field that only some grids have on an axis must be set for the others.
  void RequireInEveryGrid() {
    for (const RequiredField& field : RequiredFields()) {
      const std::string name(field.name);
      if (mentioned_.contains(name)) continue;
      for (const GridRead& grid : grids_.grids) {
        const auto has = [&](const GridRead& other) { return other.keys.contains(name); };
        const auto other = std::find_if(grids_.grids.begin(), grids_.grids.end(), has);
        if (has(grid) || other == grids_.grids.end()) continue;
        errors_.Add(other->keys.at(name),
                    absl::StrCat("`", name, "` is an axis of this grid and missing in another: ",
                                 field.advice));
        break;
      }
    }
  }

  SpecErrors& errors_;
  ReadContext context_;
  Sweep sweep_;
  FieldPlaces set_;     // fields set off the axes
  FieldPlaces places_;  // where their values stand
  GridsRead grids_;
  const YamlNode* exclude_ = nullptr;  // read last: it names what the grids have
  std::optional<Place> sample_;
  absl::flat_hash_set<std::string> invalid_;    // fields whose value could not be read
  absl::flat_hash_set<std::string> mentioned_;  // keys that stand or were meant to stand somewhere
  std::optional<Place> train_;
};

}  // namespace

ParsedSweep ParseSweep(absl::string_view text, absl::string_view path) {
  SpecErrors errors(path);
  ParsedSweep result;
  if (const std::optional<YamlNode> root = ParseYaml(text, errors)) {
    Sweep sweep = SweepReader(errors).Read(*root);
    if (errors.count() == 0) {
      sweep.canonical = CanonicalSpec(sweep);
      result.sweep = std::move(sweep);
    }
  }
  result.errors = errors.Sorted();
  return result;
}

}  // namespace firstguess

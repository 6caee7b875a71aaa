#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/spec/axis_reader.h"
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

constexpr uint64_t kMostCells = 1'000'000'000'000;

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
    if (places_.contains("dataset") && AreValid(FieldsOfExamples())) {
      CheckExamples(sweep_, places_, errors_);
    }
    if (places_.contains("dataset") && AreValid(FieldsOfModels())) {
      CheckModels(sweep_, places_, errors_);
    }
    if (AreValid(FieldsOfTogether())) CheckTogether(sweep_, places_, errors_);
    return std::move(sweep_);
  }

 private:
  // Each without value or axis yet, or with a valid one.
  bool AreValid(const std::vector<absl::string_view>& fields) const {
    return std::none_of(fields.begin(), fields.end(),
                        [&](absl::string_view field) { return invalid_.contains(field); });
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
        ReadGrid(entry->value, entry->place);
      } else if (entry->key == "sample" || entry->key == "exclude") {
        errors_.Add(entry->place, absl::StrCat("this version does not support `", entry->key, "`"));
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

  // The field of an entry, if it may stand in `map`.
  const Field* FieldFor(const YamlNode::Entry& entry, SpecMap map) {
    mentioned_.insert(entry.key);
    for (const absl::string_view key : KeysOf(map)) {
      if (key == entry.key) return FindField(key);
    }
    const UnknownKey unknown = ExplainUnknownKey(entry.key, map);
    mentioned_.insert(std::string(unknown.meant));
    errors_.Add(entry.place, unknown.message);
    return nullptr;
  }

  void ReadField(const YamlNode::Entry& entry, SpecMap map) {
    const Field* field = FieldFor(entry, map);
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

  void ReadGrid(const YamlNode& node, Place place) {
    if (node.kind == Kind::kSequence) {
      errors_.Add(node.place,
                  "this version does not support a list of grids: `grid` must be one "
                  "map of fields to values");
      return;
    }
    if (!IsMap(node, "`grid`", context_)) return;
    for (const YamlNode::Entry* entry : ReadEntries(node, context_)) ReadAxisEntry(*entry);
    uint64_t cells = 1;
    for (const Axis& axis : sweep_.axes) {
      if (axis.size() > kMostCells / cells) {
        errors_.Add(place, absl::StrCat("`grid` has more than 10^12 cells"));
        return;
      }
      cells *= axis.size();
    }
  }

  void ReadAxisEntry(const YamlNode::Entry& entry) {
    if (entry.key == "zip") {
      errors_.Add(entry.place, "this version does not support `zip`");
      return;
    }
    const Field* field = FieldFor(entry, SpecMap::kGrid);
    if (field == nullptr) return;
    on_axis_.emplace_back(entry.key, entry.place);
    places_.insert_or_assign(entry.key, entry.value.place);
    std::optional<Axis> axis = ReadAxis(*field, entry.value, context_);
    if (axis.has_value()) {
      sweep_.axes.push_back(*std::move(axis));
    } else {
      invalid_.insert(entry.key);
    }
  }

  void CheckSetTwice() {
    for (const auto& [field, place] : on_axis_) {
      const auto set = set_.find(field);
      if (set == set_.end()) continue;
      errors_.Add(place, absl::StrCat("`", field, "` is an axis and also set on line ",
                                      set->second.line, ": remove one of the two"));
    }
  }

  // A key that is there but misspelt or misplaced has its error already.
  void CheckRequired(const YamlNode& root) {
    const auto require = [&](absl::string_view key, Place place, absl::string_view how) {
      if (!mentioned_.contains(key)) {
        errors_.Add(place, absl::StrCat("`", key, "` is missing: ", how));
      }
    };
    require("name", root.place, "give the sweep a name");
    for (const RequiredField& field : RequiredFields()) {
      const bool is_in_train = FindField(field.name)->section == FieldSection::kTrain;
      require(field.name, is_in_train ? train_.value_or(root.place) : root.place, field.advice);
    }
    require("grid", root.place, "list the axes, or write `grid: {}` for a single trial");
  }

  SpecErrors& errors_;
  ReadContext context_;
  Sweep sweep_;
  FieldPlaces set_;                                     // fields set off the axes
  std::vector<std::pair<std::string, Place>> on_axis_;  // in file order
  FieldPlaces places_;
  absl::flat_hash_set<std::string> invalid_;    // fields whose value or axis could not be read
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

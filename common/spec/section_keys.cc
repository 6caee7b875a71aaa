#include "common/spec/section_keys.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "common/spec/hint.h"

namespace firstguess {
namespace {

constexpr std::array kAllMaps = {SpecMap::kTop, SpecMap::kTrain, SpecMap::kMeasure,
                                 SpecMap::kInitCondition};

std::vector<absl::string_view> MakeKeys(SpecMap map) {
  std::vector<absl::string_view> keys;
  if (map == SpecMap::kTop) {
    keys = {"name",     "priority", "max_attempts",  "max_failures", "trial_timeout",
            "requires", "pack",     "train",         "measure",      "sample",
            "exclude",  "grid",     "init_condition"};
  } else if (map == SpecMap::kGrid) {
    keys = {"zip"};
  }
  for (const Field& field : TrialFields()) {
    const bool here =
        map == SpecMap::kGrid || (map == SpecMap::kTop && field.section == FieldSection::kTop) ||
        (map == SpecMap::kTrain && field.section == FieldSection::kTrain) ||
        (map == SpecMap::kMeasure && field.section == FieldSection::kMeasure) ||
        (map == SpecMap::kInitCondition && field.section == FieldSection::kInitCondition);
    if (here) keys.push_back(field.name);
  }
  return keys;
}

bool Has(SpecMap map, absl::string_view key) {
  const auto& keys = KeysOf(map);
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

absl::string_view PlaceOf(SpecMap map) {
  switch (map) {
    case SpecMap::kTop:
      return "at the top level";
    case SpecMap::kTrain:
      return "under `train`";
    case SpecMap::kMeasure:
      return "under `measure`";
    case SpecMap::kInitCondition:
      return "under `init_condition`";
    case SpecMap::kGrid:
      return "under `grid`";
  }
  return "";
}

}  // namespace

const std::vector<absl::string_view>& KeysOf(SpecMap map) {
  static const auto* const keys = new std::array<std::vector<absl::string_view>, 5>{
      MakeKeys(SpecMap::kTop), MakeKeys(SpecMap::kTrain), MakeKeys(SpecMap::kMeasure),
      MakeKeys(SpecMap::kInitCondition), MakeKeys(SpecMap::kGrid)};
  return (*keys)[static_cast<size_t>(map)];
}

UnknownKey ExplainUnknownKey(absl::string_view key, SpecMap map) {
  for (const SpecMap other : kAllMaps) {
    if (!Has(other, key)) continue;
    if (map == SpecMap::kGrid) {
      return {.message = absl::StrCat("`", key,
                                      "` is not part of a trial and can't be an axis; it "
                                      "belongs ",
                                      PlaceOf(other)),
              .meant = key};
    }
    return {.message = absl::StrCat("`", key, "` belongs ", PlaceOf(other)), .meant = key};
  }
  const std::string message = absl::StrCat("unknown key ", Shown(key), " ", PlaceOf(map));
  const absl::string_view meant = NearestWord(key, KeysOf(map));
  if (!meant.empty()) return {.message = absl::StrCat(message, Hint(key, {meant})), .meant = meant};
  for (const SpecMap other : kAllMaps) {
    const absl::string_view elsewhere = NearestWord(key, KeysOf(other));
    if (elsewhere.empty()) continue;
    return {
        .message = absl::StrCat(message, " (did you mean `", elsewhere, "` ", PlaceOf(other), "?)"),
        .meant = elsewhere};
  }
  return {.message = message, .meant = {}};
}

const Field* ReadFieldKey(const YamlNode::Entry& entry, SpecMap map,
                          absl::flat_hash_set<std::string>& mentioned, SpecErrors& errors) {
  mentioned.insert(entry.key);
  for (const absl::string_view key : KeysOf(map)) {
    if (key == entry.key) return FindField(key);
  }
  const UnknownKey unknown = ExplainUnknownKey(entry.key, map);
  mentioned.insert(std::string(unknown.meant));
  errors.Add(entry.place, unknown.message);
  return nullptr;
}

}  // namespace firstguess

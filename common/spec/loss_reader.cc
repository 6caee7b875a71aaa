#include "common/spec/loss_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/hint.h"
#include "common/spec/losses.h"
#include "common/spec/map_reader.h"
#include "common/spec/values_reader.h"

namespace firstguess {
namespace {

using Kind = YamlNode::Kind;

// A loss as written: which one, and the parameters that it names.
struct LossEntry {
  const LossInfo* info = nullptr;
  std::vector<const YamlNode::Entry*> parameters = {};
  bool valid = true;  // false: an error in it was added
};

const LossInfo* KnownLoss(absl::string_view name, Place place, ReadContext& context) {
  const LossInfo* info = FindLoss(name);
  if (info == nullptr) {
    std::vector<absl::string_view> names;
    for (const LossInfo& known : KnownLosses()) names.push_back(known.name);
    context.errors.Add(place, absl::StrCat("unknown loss ", Shown(name), Hint(name, names),
                                           "; known are ", absl::StrJoin(names, ", ")));
  }
  return info;
}

std::optional<LossEntry> ReadEntry(const YamlNode& node, ReadContext& context) {
  if (node.kind == Kind::kInvalid) return std::nullopt;
  if (node.kind == Kind::kScalar) {
    const LossInfo* info = KnownLoss(node.text, node.place, context);
    if (info == nullptr) return std::nullopt;
    return LossEntry{.info = info};
  }
  if (node.kind != Kind::kMap || node.entries.size() != 1) {
    context.errors.Add(node.place,
                       "a loss must be a name, or one name with its parameters, such as "
                       "`blurry: {gamma: 0.3}`");
    return std::nullopt;
  }
  const auto& [name, place, parameters] = node.entries[0];
  const LossInfo* info = KnownLoss(name, place, context);
  if (info == nullptr || parameters.kind == Kind::kInvalid) return std::nullopt;
  if (parameters.kind != Kind::kMap) {
    context.errors.Add(parameters.place,
                       absl::StrCat("the parameters of loss ", name,
                                    " must be a map; without any, write the name alone"));
    return std::nullopt;
  }
  std::vector<absl::string_view> known;
  for (const LossParameter& parameter : info->parameters) known.push_back(parameter.name);
  const size_t errors_before = context.errors.count();
  auto entries = ReadKnownEntries(parameters, absl::StrCat("loss ", name), known, context);
  return LossEntry{.info = info,
                   .parameters = std::move(entries),
                   .valid = context.errors.count() == errors_before};
}

Loss::Parameter ParameterOf(const FieldValue& value) {
  if (const auto* word = std::get_if<std::string>(&value)) return *word;
  return std::get<double>(value);
}

// Every loss of `losses` once with each of the parameter's values.
std::vector<Loss> Times(const std::vector<Loss>& losses, const std::string& parameter,
                        const std::vector<PlacedValue>& values) {
  std::vector<Loss> product;
  product.reserve(losses.size() * values.size());
  for (const Loss& loss : losses) {
    for (const PlacedValue& value : values) {
      product.push_back(loss);
      product.back().parameters[parameter] = ParameterOf(value.value);
    }
  }
  return product;
}

// The values of one parameter: one, or several if `allow_axes`.
std::optional<std::vector<PlacedValue>> ReadParameter(const ScalarType& type, const YamlNode& node,
                                                      bool allow_axes, ReadContext& context) {
  const bool is_axis = node.kind == Kind::kSequence || node.kind == Kind::kMap;
  if (is_axis && allow_axes) return ReadValues(type, node, context);
  std::optional<FieldValue> value = ReadScalar(type, node, context);
  if (!value.has_value()) return std::nullopt;
  return std::vector<PlacedValue>{{.value = *std::move(value), .place = node.place}};
}

// The losses that one entry stands for: the product of its parameters' values.
std::optional<std::vector<Loss>> ReadLosses(const YamlNode& node, bool allow_axes,
                                            ReadContext& context) {
  const std::optional<LossEntry> entry = ReadEntry(node, context);
  if (!entry.has_value()) return std::nullopt;
  std::vector<Loss> losses = {entry->info->Default()};
  bool valid = entry->valid;
  // Counted are the losses that come out, not the parameters that they come from.
  const uint64_t values_left = context.listed_values_left;
  for (const YamlNode::Entry* parameter : entry->parameters) {
    const ScalarType type = ScalarType::Of(*entry->info->FindParameter(parameter->key));
    const auto values = ReadParameter(type, parameter->value, allow_axes, context);
    context.listed_values_left = values_left;
    valid = valid && values.has_value();
    if (!valid) continue;
    if (!ReserveValues(losses.size() * values->size(), node.place, context)) return std::nullopt;
    losses = Times(losses, parameter->key, *values);
    context.listed_values_left = values_left;
  }
  if (!valid || !ReserveValues(losses.size(), node.place, context)) return std::nullopt;
  return losses;
}

}  // namespace

std::optional<Loss> ReadLoss(const YamlNode& node, ReadContext& context) {
  std::optional<std::vector<Loss>> losses = ReadLosses(node, /*allow_axes=*/false, context);
  if (!losses.has_value()) return std::nullopt;
  return std::move(losses->front());
}

std::optional<std::vector<PlacedValue>> ReadLossAxis(const YamlNode& node, ReadContext& context) {
  if (node.kind == Kind::kInvalid) return std::nullopt;
  if (node.kind != Kind::kSequence || node.items.empty()) {
    context.errors.Add(node.place, "the values of `loss` must be a list of losses");
    return std::nullopt;
  }
  bool valid = true;
  std::vector<PlacedValue> values;
  for (const YamlNode& item : node.items) {
    std::optional<std::vector<Loss>> losses = ReadLosses(item, /*allow_axes=*/true, context);
    valid = valid && losses.has_value();
    if (!losses.has_value()) continue;
    for (Loss& loss : *losses) values.push_back({.value = std::move(loss), .place = item.place});
  }
  if (!valid) return std::nullopt;
  return values;
}

bool LossPattern::Fits(const Loss& loss) const {
  if (loss.name != name) return false;
  return std::all_of(parameters.begin(), parameters.end(), [&](const auto& parameter) {
    const std::vector<Loss::Parameter>& fitting = parameter.second;
    return std::find(fitting.begin(), fitting.end(), loss.parameters.at(parameter.first)) !=
           fitting.end();
  });
}

std::optional<LossPattern> ReadLossPattern(const YamlNode& node, ReadContext& context) {
  const std::optional<LossEntry> entry = ReadEntry(node, context);
  if (!entry.has_value() || !entry->valid) return std::nullopt;
  LossPattern pattern = {.name = std::string(entry->info->name), .parameters = {}};
  for (const YamlNode::Entry* parameter : entry->parameters) {
    const ScalarType type = ScalarType::Of(*entry->info->FindParameter(parameter->key));
    const auto values = ReadParameter(type, parameter->value, /*allow_axes=*/true, context);
    if (!values.has_value()) return std::nullopt;
    for (const PlacedValue& value : *values) {
      pattern.parameters[parameter->key].push_back(ParameterOf(value.value));
    }
  }
  return pattern;
}

}  // namespace firstguess

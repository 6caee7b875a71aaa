#include "common/spec/loss_reader.h"

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

void SetParameter(Loss& loss, const std::string& name, const FieldValue& value) {
  if (const auto* word = std::get_if<std::string>(&value)) {
    loss.parameters[name] = *word;
  } else {
    loss.parameters[name] = std::get<double>(value);
  }
}

// Every loss of `losses` once with each of the parameter's values.
std::vector<Loss> Times(const std::vector<Loss>& losses, const std::string& parameter,
                        const std::vector<PlacedValue>& values) {
  std::vector<Loss> product;
  product.reserve(losses.size() * values.size());
  for (const Loss& loss : losses) {
    for (const PlacedValue& value : values) {
      product.push_back(loss);
      SetParameter(product.back(), parameter, value.value);
    }
  }
  return product;
}

// The losses that one entry of an axis stands for. Parameters are an axis each where they have
// several values, and `allow_axes`.
std::optional<std::vector<Loss>> ReadLosses(const YamlNode& node, bool allow_axes,
                                            ReadContext& context) {
  const std::optional<LossEntry> entry = ReadEntry(node, context);
  if (!entry.has_value()) return std::nullopt;
  std::vector<Loss> losses = {entry->info->Default()};
  bool valid = entry->valid;
  for (const YamlNode::Entry* parameter : entry->parameters) {
    const auto& [name, place, argument] = *parameter;
    const ScalarType type = ScalarType::Of(*entry->info->FindParameter(name));
    const bool is_axis = argument.kind == Kind::kSequence || argument.kind == Kind::kMap;
    std::vector<PlacedValue> values;
    if (is_axis && allow_axes) {
      std::optional<std::vector<PlacedValue>> read = ReadValues(type, argument, context);
      valid = valid && read.has_value();
      if (read.has_value()) values = *std::move(read);
    } else {
      std::optional<FieldValue> read = ReadScalar(type, argument, context);
      valid = valid && read.has_value();
      if (read.has_value()) values = {{.value = *std::move(read), .place = argument.place}};
    }
    if (!valid) continue;
    if (!ReserveValues(losses.size() * values.size(), node.place, context)) return std::nullopt;
    losses = Times(losses, name, values);
  }
  if (!valid) return std::nullopt;
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

}  // namespace firstguess

#include "common/spec/scalar_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/scalar_text.h"

namespace firstguess {
namespace {

constexpr absl::string_view kTypeNames[] = {"an integer", "a number", "a word"};

Loss::Parameter ToParameter(const FieldValue& value) {
  if (const auto* word = std::get_if<std::string>(&value)) return *word;
  if (const auto* integer = std::get_if<int64_t>(&value)) return static_cast<double>(*integer);
  return std::get<double>(value);
}

absl::StatusOr<FieldValue> ParseScalar(FieldType type, absl::string_view text) {
  if (type == FieldType::kInteger) return ParseInteger(text);
  if (type == FieldType::kReal) {
    const absl::StatusOr<double> number = ParseReal(text);
    if (!number.ok()) return number.status();
    return *number == 0 ? 0.0 : *number;  // -0 is 0
  }
  return std::string(text);
}

// Adds what `node` is instead of one scalar, unless it is one or its error is known.
bool IsScalar(absl::string_view name, absl::string_view type, const YamlNode& node,
              ReadContext& context) {
  switch (node.kind) {
    case YamlNode::Kind::kScalar:
      return true;
    case YamlNode::Kind::kInvalid:
      return false;
    case YamlNode::Kind::kNull:
      context.errors.Add(node.place, absl::StrCat("`", name, "` has no value: it must be ", type));
      return false;
    case YamlNode::Kind::kSequence:
    case YamlNode::Kind::kMap:
      context.errors.Add(node.place, absl::StrCat("`", name, "` takes one value here, ", type,
                                                  "; several values belong under `grid`"));
      return false;
  }
  return false;
}

// A word that has a canonical spelling; a list is a sequence, or its items apart by commas.
std::optional<FieldValue> ReadSpelledWord(const ScalarType& type, const YamlNode& node,
                                          ReadContext& context) {
  std::vector<std::string> items;
  if (type.is_list && node.kind == YamlNode::Kind::kSequence) {
    for (const YamlNode& item : node.items) {
      if (!IsScalar(type.name, "a list of words or numbers", item, context)) return std::nullopt;
      items.push_back(item.text);
    }
  } else if (IsScalar(type.name, type.is_list ? "a list" : "a word", node, context)) {
    items.push_back(node.text);
  } else {
    return std::nullopt;
  }
  absl::StatusOr<std::string> word = type.canonical(absl::StrJoin(items, ","));
  if (!word.ok()) {
    context.errors.Add(node.place, absl::StrCat("`", type.name, "` ", word.status().message()));
    return std::nullopt;
  }
  return FieldValue(*std::move(word));
}

}  // namespace

ScalarType ScalarType::Of(const Field& field) {
  return {.name = field.name,
          .type = field.type(),
          .check = [&field](const FieldValue& value) { return CheckField(field, value); },
          .canonical = field.canonical,
          .is_list = field.is_list};
}

ScalarType ScalarType::Of(const LossParameter& parameter) {
  return {.name = parameter.name,
          .type = parameter.is_word() ? FieldType::kWord : FieldType::kReal,
          .check = [&parameter](const FieldValue& value) {
            return CheckLossParameter(parameter, ToParameter(value));
          }};
}

std::optional<FieldValue> ReadScalar(const ScalarType& type, const YamlNode& node,
                                     ReadContext& context) {
  if (type.canonical != nullptr) return ReadSpelledWord(type, node, context);
  const absl::string_view type_name = kTypeNames[static_cast<int>(type.type)];
  if (!IsScalar(type.name, type_name, node, context)) return std::nullopt;
  if (node.quoted && type.type != FieldType::kWord) {
    context.errors.Add(node.place, absl::StrCat("`", type.name, "` must be ", type_name,
                                                ", not quoted text: remove the quotes"));
    return std::nullopt;
  }
  absl::StatusOr<FieldValue> value = ParseScalar(type.type, node.text);
  if (!value.ok()) {
    context.errors.Add(node.place, absl::StrCat("`", type.name, "` ", value.status().message()));
    return std::nullopt;
  }
  if (absl::Status status = type.check(*value); !status.ok()) {
    context.errors.Add(node.place, status.message());
    return std::nullopt;
  }
  return *std::move(value);
}

std::optional<std::string> ReadText(absl::string_view name, const YamlNode& node,
                                    ReadContext& context) {
  if (!IsScalar(name, "text", node, context)) return std::nullopt;
  return node.text;
}

}  // namespace firstguess

#include "common/spec/values_reader.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/spec/hint.h"
#include "common/spec/limits.h"
#include "common/spec/scalar_text.h"
#include "common/spec/spaced_values.h"

namespace firstguess {
namespace {

using Kind = YamlNode::Kind;
using Values = std::vector<PlacedValue>;

constexpr absl::string_view kRangeForm = "[first, last] or [first, last, step], in integers";

std::optional<Values> ReadList(const ScalarType& type, const YamlNode& node, ReadContext& context) {
  if (node.items.empty()) {
    context.errors.Add(node.place, absl::StrCat("`", type.name, "` has an empty list of values"));
    return std::nullopt;
  }
  if (!ReserveValues(node.items.size(), node.place, context)) return std::nullopt;
  Values values;
  for (const YamlNode& item : node.items) {
    std::optional<FieldValue> value = ReadScalar(type, item, context);
    if (value.has_value()) values.push_back({.value = *std::move(value), .place = item.place});
  }
  if (values.size() < node.items.size()) return std::nullopt;
  return values;
}

bool IsNumberText(const YamlNode& node) { return node.kind == Kind::kScalar && !node.quoted; }

struct Spacing {
  double from = 0;
  double to = 0;
  int64_t count = 0;
};

std::optional<Spacing> ParseSpacing(const YamlNode& node) {
  if (node.kind != Kind::kSequence || node.items.size() != 3) return std::nullopt;
  for (const YamlNode& item : node.items) {
    if (!IsNumberText(item)) return std::nullopt;
  }
  const auto from = ParseReal(node.items[0].text);
  const auto to = ParseReal(node.items[1].text);
  const auto count = ParseInteger(node.items[2].text);
  if (!from.ok() || !to.ok() || !count.ok() || *count < 2) return std::nullopt;
  return Spacing{.from = *from, .to = *to, .count = *count};
}

// The value of a spaced axis as one of `type`; nothing, with the error added, if it can't be.
std::optional<FieldValue> SpacedValue(const ScalarType& type, double number, Place place,
                                      ReadContext& context) {
  FieldValue value = number;
  if (type.type == FieldType::kInteger) {
    if (number != std::floor(number) || std::abs(number) > static_cast<double>(kMaxInteger)) {
      context.errors.Add(place, absl::StrCat("`", type.name,
                                             "` must be an integer, and these values "
                                             "have ",
                                             NumberText(number), " among them"));
      return std::nullopt;
    }
    value = static_cast<int64_t>(number);
  }
  if (absl::Status status = type.check(value); !status.ok()) {
    context.errors.Add(place, status.message());
    return std::nullopt;
  }
  return value;
}

std::optional<Values> ReadSpaced(const ScalarType& type, absl::string_view form,
                                 const YamlNode& node, ReadContext& context) {
  if (node.kind == Kind::kInvalid) return std::nullopt;
  const bool is_geometric = form == "geomspace";
  const std::optional<Spacing> spacing = ParseSpacing(node);
  if (!spacing.has_value()) {
    context.errors.Add(node.place, absl::StrCat("`", form, "` of `", type.name,
                                                "` must be [from, to, count] in finite numbers, "
                                                "with count >= 2"));
    return std::nullopt;
  }
  if (is_geometric && (spacing->from <= 0 || spacing->to <= 0)) {
    context.errors.Add(node.place,
                       absl::StrCat("`geomspace` of `", type.name, "` needs end points above 0"));
    return std::nullopt;
  }
  if (!ReserveValues(spacing->count, node.place, context)) return std::nullopt;
  Values values;
  for (const double number : is_geometric ? Geomspace(spacing->from, spacing->to, spacing->count)
                                          : Linspace(spacing->from, spacing->to, spacing->count)) {
    std::optional<FieldValue> value = SpacedValue(type, number, node.place, context);
    if (!value.has_value()) return std::nullopt;
    values.push_back({.value = *std::move(value), .place = node.place});
  }
  return values;
}

std::optional<Values> ReadListedRange(const ScalarType& type, const YamlNode& node,
                                      ReadContext& context) {
  const std::optional<Column::Range> range = ReadRange(type, node, context);
  const Place place = node.entries[0].value.place;
  if (!range.has_value() || !ReserveValues(range->count, place, context)) return std::nullopt;
  Values values;
  for (uint64_t i = 0; i < range->count; ++i) {
    const int64_t integer = range->first + static_cast<int64_t>(i) * range->step;
    FieldValue value = integer;
    if (type.type == FieldType::kReal) value = static_cast<double>(integer);
    values.push_back({.value = std::move(value), .place = place});
  }
  return values;
}

std::optional<Values> ReadForm(const ScalarType& type, const YamlNode& node, ReadContext& context) {
  const std::vector<absl::string_view> forms = {"range", "linspace", "geomspace"};
  const std::string must = absl::StrCat("the values of `", type.name,
                                        "` must be a list, or one of range, linspace, geomspace");
  if (node.entries.size() != 1) {
    context.errors.Add(node.place, must);
    return std::nullopt;
  }
  const auto& [form, place, argument] = node.entries[0];
  if (std::find(forms.begin(), forms.end(), form) == forms.end()) {
    context.errors.Add(place, absl::StrCat(must, ", not ", Shown(form), Hint(form, forms)));
    return std::nullopt;
  }
  if (type.type == FieldType::kWord) {
    context.errors.Add(place, absl::StrCat("`", form, "` is for numbers, and `", type.name,
                                           "` is a word: list its values"));
    return std::nullopt;
  }
  if (form == "range") return ReadListedRange(type, node, context);
  return ReadSpaced(type, form, argument, context);
}

}  // namespace

bool IsRange(const YamlNode& node) {
  return node.kind == Kind::kMap && node.entries.size() == 1 && node.entries[0].key == "range";
}

std::optional<Column::Range> ReadRange(const ScalarType& type, const YamlNode& node,
                                       ReadContext& context) {
  const YamlNode& argument = node.entries[0].value;
  if (argument.kind == Kind::kInvalid) return std::nullopt;
  std::vector<int64_t> numbers;
  for (const YamlNode& item : argument.items) {
    const auto number = ParseInteger(IsNumberText(item) ? item.text : "");
    if (number.ok()) numbers.push_back(*number);
  }
  if (numbers.size() != argument.items.size() || numbers.size() < 2 || numbers.size() > 3) {
    context.errors.Add(argument.place,
                       absl::StrCat("`range` of `", type.name, "` must be ", kRangeForm));
    return std::nullopt;
  }
  const int64_t first = numbers[0];
  const int64_t last = numbers[1];
  const int64_t step = numbers.size() == 3 ? numbers[2] : 1;
  if (step < 1 || last < first) {
    context.errors.Add(argument.place, absl::StrCat("`range` of `", type.name,
                                                    "` must rise: first <= last, and "
                                                    "step >= 1"));
    return std::nullopt;
  }
  const Column::Range range = {
      .first = first, .step = step, .count = static_cast<uint64_t>((last - first) / step) + 1};
  const int64_t reached = first + static_cast<int64_t>(range.count - 1) * step;
  for (const int64_t end : {first, reached}) {
    if (absl::Status status = type.check(FieldValue(end)); !status.ok()) {
      context.errors.Add(argument.place, status.message());
      return std::nullopt;
    }
  }
  return range;
}

std::optional<Values> ReadValues(const ScalarType& type, const YamlNode& node,
                                 ReadContext& context) {
  switch (node.kind) {
    case Kind::kSequence:
      return ReadList(type, node, context);
    case Kind::kMap:
      return ReadForm(type, node, context);
    case Kind::kInvalid:
      return std::nullopt;
    case Kind::kNull:
    case Kind::kScalar:
      context.errors.Add(node.place, absl::StrCat("the values of `", type.name,
                                                  "` must be a list: "
                                                  "[a, b, ...]"));
      return std::nullopt;
  }
  return std::nullopt;
}

bool ReserveValues(uint64_t count, Place place, ReadContext& context) {
  if (count <= context.listed_values_left) {
    context.listed_values_left -= count;
    return true;
  }
  context.errors.Add(place,
                     "a sweep lists at most 1000000 values (ranges of integers not counted)");
  return false;
}

}  // namespace firstguess

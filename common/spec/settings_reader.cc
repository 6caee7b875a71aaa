#include "common/spec/settings_reader.h"

#include <algorithm>
#include <limits>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/spec/limits.h"
#include "common/spec/map_reader.h"
#include "common/spec/scalar_text.h"
#include "common/spec/utf8.h"

namespace firstguess {
namespace {

constexpr size_t kLongestName = 128;
// Seconds. The longest is some four months.
constexpr double kShortestTimeout = 1;
constexpr double kLongestTimeout = 1e7;
constexpr double kNoLimit = std::numeric_limits<double>::infinity();

// C0, DEL and C1: in UTF-8 the last are C2 80 to C2 9F.
bool HasControlCharacter(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

// Text of 1 to 128 characters without control characters.
std::optional<std::string> ReadLabel(absl::string_view name, const YamlNode& node,
                                     ReadContext& context) {
  std::optional<std::string> text = ReadText(name, node, context);
  if (!text.has_value()) return std::nullopt;
  if (text->empty() || FindInvalidUtf8(*text).has_value() ||
      CountCharacters(*text) > kLongestName || HasControlCharacter(*text)) {
    context.errors.Add(node.place, absl::StrCat("`", name, "` must have 1 to ", kLongestName,
                                                " characters, none of them control characters"));
    return std::nullopt;
  }
  return text;
}

template <typename Number>
void ReadNumber(absl::string_view name, const YamlNode& node, double min, double max,
                Number& number, ReadContext& context) {
  constexpr bool kIsInteger = std::is_same_v<Number, int64_t>;
  const ScalarType type = {.name = name,
                           .type = kIsInteger ? FieldType::kInteger : FieldType::kReal,
                           .check = [=](const FieldValue& value) {
                             return CheckNumber(name, static_cast<double>(std::get<Number>(value)),
                                                min, max);
                           }};
  const std::optional<FieldValue> value = ReadScalar(type, node, context);
  if (value.has_value()) number = std::get<Number>(*value);
}

void ReadName(const YamlNode& node, Sweep& sweep, ReadContext& context) {
  std::optional<std::string> name = ReadLabel("name", node, context);
  if (!name.has_value()) return;
  if (absl::StrContains(*name, '/')) {
    context.errors.Add(node.place, "`name` must not contain /");
    return;
  }
  sweep.name = *std::move(name);
}

void ReadDevice(const YamlNode& node, Requirements& needs, ReadContext& context) {
  const std::optional<std::string> device = ReadText("device", node, context);
  if (!device.has_value()) return;
  if (*device == "cpu" || *device == "cuda") {
    needs.device = *device;
  } else {
    context.errors.Add(node.place,
                       absl::StrCat("`device` must be cpu or cuda, not ", Shown(*device)));
  }
}

void ReadMemory(const YamlNode& node, Requirements& needs, ReadContext& context) {
  const std::optional<std::string> text = ReadText("memory", node, context);
  if (!text.has_value()) return;
  const absl::StatusOr<int64_t> bytes = ParseBytes(*text);
  if (bytes.ok()) {
    needs.memory_bytes = *bytes;
  } else {
    context.errors.Add(node.place, absl::StrCat("`memory` ", bytes.status().message()));
  }
}

void ReadLabels(const YamlNode& node, Requirements& needs, ReadContext& context) {
  if (node.kind == YamlNode::Kind::kInvalid) return;
  if (node.kind != YamlNode::Kind::kSequence) {
    context.errors.Add(node.place, "`labels` must be a list of words");
    return;
  }
  for (const YamlNode& item : node.items) {
    std::optional<std::string> label = ReadLabel("labels", item, context);
    if (label.has_value()) needs.labels.push_back(*std::move(label));
  }
  // A set: neither order nor repetition says anything.
  std::sort(needs.labels.begin(), needs.labels.end());
  needs.labels.erase(std::unique(needs.labels.begin(), needs.labels.end()), needs.labels.end());
}

void ReadRequirements(const YamlNode& node, Requirements& needs, ReadContext& context) {
  if (!IsMap(node, "`requires`", context)) return;
  for (const YamlNode::Entry* entry : ReadKnownEntries(
           node, "`requires`", {"device", "device_name", "memory", "labels"}, context)) {
    if (entry->key == "device") {
      ReadDevice(entry->value, needs, context);
    } else if (entry->key == "device_name") {
      if (auto name = ReadLabel("device_name", entry->value, context)) needs.device_name = *name;
    } else if (entry->key == "memory") {
      ReadMemory(entry->value, needs, context);
    } else {
      ReadLabels(entry->value, needs, context);
    }
  }
}

void ReadPack(const YamlNode& node, PackLimits& pack, ReadContext& context) {
  // The trials of one pack travel in one message.
  constexpr double kMostTrials = 4096;
  if (!IsMap(node, "`pack`", context)) return;
  for (const YamlNode::Entry* entry :
       ReadKnownEntries(node, "`pack`", {"max_trials", "max_flops"}, context)) {
    if (entry->key == "max_trials") {
      ReadNumber(entry->key, entry->value, 1, kMostTrials, pack.max_trials, context);
    } else {
      ReadNumber(entry->key, entry->value, 1, kNoLimit, pack.max_flops, context);
    }
  }
}

void ReadMethod(const YamlNode& node, Sample& sample, ReadContext& context) {
  const std::optional<std::string> method = ReadText("method", node, context);
  if (!method.has_value()) return;
  if (absl::Status status = CheckWord("method", *method, {"random", "sobol"}); !status.ok()) {
    context.errors.Add(node.place, status.message());
  }
  sample.method = *method == "sobol" ? Sample::Method::kSobol : Sample::Method::kRandom;
}

void ReadSample(const YamlNode& node, Sweep& sweep, ReadContext& context) {
  if (!IsMap(node, "`sample`", context)) return;
  Sample sample;
  bool has_count = false;
  for (const YamlNode::Entry* entry :
       ReadKnownEntries(node, "`sample`", {"count", "method", "seed"}, context)) {
    if (entry->key == "count") {
      has_count = true;
      ReadNumber(entry->key, entry->value, 1, static_cast<double>(Sample::kMostDrawn), sample.count,
                 context);
    } else if (entry->key == "seed") {
      ReadNumber(entry->key, entry->value, 0, static_cast<double>(kMaxInteger), sample.seed,
                 context);
    } else {
      ReadMethod(entry->value, sample, context);
    }
  }
  if (!has_count) {
    context.errors.Add(node.place, "`sample` needs a `count`: how many cells to draw");
  }
  sweep.sample = sample;
}

}  // namespace

bool ReadSetting(absl::string_view key, const YamlNode& node, Sweep& sweep, ReadContext& context) {
  if (key == "name") {
    ReadName(node, sweep, context);
  } else if (key == "priority") {
    ReadNumber(key, node, -1e6, 1e6, sweep.priority, context);
  } else if (key == "max_attempts") {
    ReadNumber(key, node, 1, 1000, sweep.max_attempts, context);
  } else if (key == "max_failures") {
    int64_t failures = -1;
    ReadNumber(key, node, 0, kMaxInteger, failures, context);
    if (failures >= 0) sweep.max_failures = failures;
  } else if (key == "trial_timeout") {
    double seconds = 0;
    ReadNumber(key, node, kShortestTimeout, kLongestTimeout, seconds, context);
    if (seconds > 0) sweep.trial_timeout = seconds;
  } else if (key == "requires") {
    ReadRequirements(node, sweep.needs, context);
  } else if (key == "pack") {
    ReadPack(node, sweep.pack, context);
  } else if (key == "sample") {
    ReadSample(node, sweep, context);
  } else {
    return false;
  }
  return true;
}

}  // namespace firstguess

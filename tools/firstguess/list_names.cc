#include "tools/firstguess/list_names.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/datasets.h"
#include "common/spec/fields.h"
#include "common/spec/limits.h"
#include "common/spec/losses.h"
#include "common/spec/required_fields.h"
#include "tools/firstguess/exit_codes.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/table.h"

namespace firstguess {
namespace {

using Json = nlohmann::ordered_json;

// A scalar that a sweep file may say.
struct Choice {
  std::string kind;  // "number", "integer", "word", "loss", "list"
  Json default_value = nullptr;
  double min = 0;
  double max = 0;
  const std::vector<absl::string_view>* words = nullptr;  // of a word
};

Choice Describe(const LossParameter& parameter) {
  Choice choice{.kind = parameter.is_word()    ? "word"
                        : parameter.is_integer ? "integer"
                                               : "number",
                .min = parameter.min,
                .max = parameter.max,
                .words = parameter.is_word() ? &parameter.words : nullptr};
  std::visit([&](const auto& value) { choice.default_value = value; }, parameter.default_value);
  return choice;
}

Choice Describe(const Field& field) {
  constexpr absl::string_view kKinds[] = {"integer", "number", "word", "loss"};
  const absl::string_view kind = kKinds[static_cast<int>(field.type())];
  Choice choice{.kind = field.is_list ? "list" : std::string(kind),
                .min = field.min,
                .max = field.max,
                .words = field.words.empty() ? nullptr : &field.words};
  if (IsRequired(field.name)) return choice;
  const FieldValue value = GetField(TrialConfig{}, field);
  if (const auto* integer = std::get_if<int64_t>(&value)) choice.default_value = *integer;
  if (const auto* number = std::get_if<double>(&value)) choice.default_value = *number;
  if (const auto* word = std::get_if<std::string>(&value)) choice.default_value = *word;
  if (const auto* loss = std::get_if<Loss>(&value)) choice.default_value = loss->name;
  return choice;
}

std::string DefaultText(const Choice& choice) {
  if (choice.default_value.is_null()) return "none: must be said";
  if (choice.kind == "list" && choice.default_value == "") return "[]";
  if (choice.default_value.is_string()) return choice.default_value.get<std::string>();
  return NumberText(choice.default_value.get<double>());
}

std::string RangeText(const Choice& choice) {
  if (choice.kind == "loss") return "see 'firstguess list losses'";
  if (choice.words != nullptr) return absl::StrJoin(*choice.words, ", ");
  if (choice.kind == "list") return "a list";
  const std::string limits = LimitsText(choice.min, choice.max);
  return choice.kind == "integer" ? absl::StrCat("integer, ", limits) : limits;
}

Json ToJson(const Choice& choice) {
  Json json = {{"type", choice.kind}, {"default", choice.default_value}};
  if (choice.words != nullptr) {
    json["values"] = Json::array();
    for (const absl::string_view word : *choice.words) json["values"].push_back(std::string(word));
  } else if (choice.kind != "list") {
    json["min"] = std::isinf(choice.min) ? Json() : Json(choice.min);
    json["max"] = std::isinf(choice.max) ? Json() : Json(choice.max);
  }
  return json;
}

std::string Text(absl::string_view text) { return std::string(text); }

// A row a loss, then one a parameter.
void PrintLosses(Terminal* out) {
  using Align = Table::Align;
  Table table({{"loss"},
               {"parameter"},
               {"default"},
               {"range", Align::kLeft, true},
               {"meaning", Align::kLeft, true}});
  for (const LossInfo& loss : KnownLosses()) {
    table.AddRow({Text(loss.name), "", "", "", Text(loss.formula)});
    for (const LossParameter& parameter : loss.parameters) {
      const Choice choice = Describe(parameter);
      table.AddRow({"", Text(parameter.name), DefaultText(choice), RangeText(choice),
                    Text(parameter.description)});
    }
  }
  table.Print(out);
}

Json LossesJson() {
  Json losses = Json::array();
  for (const LossInfo& loss : KnownLosses()) {
    Json parameters = Json::array();
    for (const LossParameter& parameter : loss.parameters) {
      Json json = {{"name", Text(parameter.name)}, {"meaning", Text(parameter.description)}};
      json.update(ToJson(Describe(parameter)));
      parameters.push_back(std::move(json));
    }
    losses.push_back({{"name", Text(loss.name)},
                      {"formula", Text(loss.formula)},
                      {"source", Text(loss.source)},
                      {"parameters", std::move(parameters)}});
  }
  return losses;
}

std::string SectionText(const Field& field) {
  switch (field.section) {
    case FieldSection::kTop:
      return "top level";
    case FieldSection::kTrain:
      return "train";
    case FieldSection::kMeasure:
      return "measure";
    case FieldSection::kInitCondition:
      return "init_condition";
  }
  return "";
}

void PrintFields(Terminal* out) {
  using Align = Table::Align;
  Table table({{"field"},
               {"place"},
               {"default"},
               {"range", Align::kLeft, true},
               {"meaning", Align::kLeft, true}});
  for (const Field& field : TrialFields()) {
    const Choice choice = Describe(field);
    table.AddRow({Text(field.name), SectionText(field), DefaultText(choice), RangeText(choice),
                  Text(field.description)});
  }
  table.Print(out);
}

Json FieldsJson() {
  Json fields = Json::array();
  for (const Field& field : TrialFields()) {
    Json json = {{"name", Text(field.name)},
                 {"place", SectionText(field)},
                 {"required", IsRequired(field.name)},
                 {"meaning", Text(field.description)}};
    json.update(ToJson(Describe(field)));
    fields.push_back(std::move(json));
  }
  return fields;
}

// What `model` makes of the fields that it has in common with others.
struct ModelText {
  absl::string_view width;
  absl::string_view depth;
  absl::string_view structure;
};

ModelText Describe(absl::string_view model) {
  if (model == "mlp") {
    return {.width = "units of a hidden layer",
            .depth = "hidden layers",
            .structure = "dense layers and a linear read-out, of any data"};
  }
  if (model == "cnn") {
    return {.width = "channels of the first convolution; doubled by each pooling",
            .depth = "convolutions",
            .structure =
                "3 x 3 convolutions, each pooled 2 x 2 while both sides are at least 4, "
                "and a linear read-out; of images"};
  }
  return {.width = "channels of the first stage; 64 in the standard one",
          .depth = "no effect",
          .structure = "torchvision's network of this name, always with batch_norm; of images"};
}

// The fields that have an effect on `model` and not on all models.
std::vector<std::string> FieldsOf(absl::string_view model) {
  std::vector<std::string> names;
  for (const Field& field : TrialFields()) {
    const auto& on = field.depends_on;
    if (std::find(on.begin(), on.end(), "model") == on.end()) continue;
    TrialConfig config;
    config.model = std::string(model);
    config.norm = "batch_norm";  // so that what depends on a norm has its effect
    if (field.has_effect(config)) names.push_back(Text(field.name));
  }
  return names;
}

void PrintModels(Terminal* out) {
  using Align = Table::Align;
  Table table({{"model"},
               {"width", Align::kLeft, true},
               {"depth", Align::kLeft, true},
               {"also has", Align::kLeft, true},
               {"structure", Align::kLeft, true}});
  for (const absl::string_view model : FindField("model")->words) {
    const ModelText text = Describe(model);
    std::vector<std::string> others = FieldsOf(model);
    others.erase(std::remove(others.begin(), others.end(), "depth"), others.end());
    table.AddRow({Text(model), Text(text.width), Text(text.depth), absl::StrJoin(others, ", "),
                  Text(text.structure)});
  }
  table.Print(out);
}

Json ModelsJson() {
  Json models = Json::array();
  for (const absl::string_view model : FindField("model")->words) {
    const ModelText text = Describe(model);
    models.push_back({{"name", Text(model)},
                      {"width", Text(text.width)},
                      {"depth", Text(text.depth)},
                      {"fields", FieldsOf(model)},
                      {"structure", Text(text.structure)}});
  }
  return models;
}

void PrintDatasets(Terminal* out) {
  using Align = Table::Align;
  Table table({{"dataset"},
               {"classes", Align::kRight},
               {"inputs"},
               {"training examples", Align::kRight},
               {"test examples", Align::kRight}});
  for (const DatasetInfo& dataset : KnownDatasets()) {
    table.AddRow({dataset.name, absl::StrCat(dataset.classes()),
                  absl::StrCat(dataset.channels, " x ", dataset.height, " x ", dataset.width),
                  absl::StrCat(dataset.TrainExamples(1)), absl::StrCat(dataset.test_examples())});
  }
  // What decides the sizes of the others.
  for (const absl::string_view name : DatasetNames()) {
    if (IsGeneratedDataset(name)) {
      table.AddRow({Text(name), "data_classes", "data_dimension",
                    "data_train_per_class of each class", "data_test_per_class of each class"});
    } else if (IsOwnDataset(name)) {
      table.AddRow({Text(name), "data_classes", "train/x.npy", "train/x.npy", "test/x.npy"});
    }
  }
  table.Print(out);
}

Json DatasetsJson() {
  Json datasets = Json::array();
  for (const DatasetInfo& dataset : KnownDatasets()) {
    datasets.push_back({{"name", dataset.name},
                        {"classes", dataset.classes()},
                        {"channels", dataset.channels},
                        {"height", dataset.height},
                        {"width", dataset.width},
                        {"train_examples", dataset.TrainExamples(1)},
                        {"test_examples", dataset.test_examples()},
                        {"sizes_from", Json::array()}});
  }
  for (const absl::string_view name : DatasetNames()) {
    if (FindDataset(name) != nullptr) continue;
    Json sizes_from = Json::array({"data_classes"});
    if (IsGeneratedDataset(name)) {
      sizes_from.insert(sizes_from.end(),
                        {"data_dimension", "data_train_per_class", "data_test_per_class"});
    } else {
      sizes_from.push_back("its files");
    }
    datasets.push_back({{"name", Text(name)},
                        {"classes", nullptr},
                        {"channels", nullptr},
                        {"height", nullptr},
                        {"width", nullptr},
                        {"train_examples", nullptr},
                        {"test_examples", nullptr},
                        {"sizes_from", std::move(sizes_from)}});
  }
  return datasets;
}

struct Listing {
  absl::string_view what;
  void (*print)(Terminal* out);
  Json (*to_json)();
};

constexpr Listing kListings[] = {{"losses", PrintLosses, LossesJson},
                                 {"models", PrintModels, ModelsJson},
                                 {"datasets", PrintDatasets, DatasetsJson},
                                 {"fields", PrintFields, FieldsJson}};

}  // namespace

int ListNames(const std::string& what, bool json, Context* context) {
  for (const Listing& listing : kListings) {
    if (listing.what != what) continue;
    if (json) {
      context->out->Write(JsonText({{what, listing.to_json()}}) + "\n");
    } else {
      listing.print(context->out);
    }
  }
  return kExitDone;
}

}  // namespace firstguess

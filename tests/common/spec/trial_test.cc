#include "common/spec/trial.h"

#include <fstream>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "common/spec/fields.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace firstguess {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

TrialConfig MinimalConfig() {
  TrialConfig config;
  config.dataset = "fashion-mnist";
  config.steps = 200;
  return config;
}

Loss ReadLoss(const Json& fields) {
  Loss loss{.name = fields["loss"], .parameters = {}};
  for (const auto& [name, value] : fields["loss_params"].items()) {
    if (value.is_string()) {
      loss.parameters[name] = value.get<std::string>();
    } else {
      loss.parameters[name] = value.get<double>();
    }
  }
  return loss;
}

// Assigns members directly where it can, so that what the canonical JSON does is not hidden by
// what the setter does.
TrialConfig ReadFields(const Json& fields) {
  TrialConfig config;
  for (const auto& [name, value] : fields.items()) {
    if (name == "loss_params") continue;
    const Field* field = FindField(name);
    EXPECT_NE(field, nullptr) << name;
    const Json& member_value = value;
    std::visit(
        [&](auto member) {
          if constexpr (std::is_same_v<decltype(member), Loss TrialConfig::*>) {
            config.*member = ReadLoss(fields);
          } else {
            member_value.get_to(config.*member);
          }
        },
        field->member);
  }
  return config;
}

Json ReadPinnedTrials() {
  std::ifstream file(FIRSTGUESS_SOURCE_DIR "/tests/common/spec/trial_keys.json");
  return Json::parse(file);
}

// The keys of stored trials depend on this: a failure means that databases lose their trials.
TEST(TrialKeyTest, PinnedConfigurationsKeepTheirKeys) {
  const Json trials = ReadPinnedTrials();
  ASSERT_EQ(trials.size(), 69u);
  for (const Json& trial : trials) {
    const TrialConfig config = ReadFields(trial["fields"]);
    EXPECT_EQ(CanonicalJson(config), trial["config"].get<std::string>());
    EXPECT_EQ(TrialKey(config), trial["key"].get<std::string>());
  }
}

TEST(TrialConfigFromJsonTest, ReadsBackThePinnedConfigurations) {
  for (const Json& trial : ReadPinnedTrials()) {
    const auto config = TrialConfigFromJson(trial["config"].get<std::string>());
    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_EQ(*config, WithoutIdleFields(ReadFields(trial["fields"])));
    EXPECT_EQ(CanonicalJson(*config), trial["config"].get<std::string>());
  }
}

TEST(CanonicalJsonTest, SpellsOutEveryDefault) {
  EXPECT_EQ(CanonicalJson(MinimalConfig()),
            R"({"activation":"relu","batch_size":128,"bias_scale":0,"class_imbalance":1,)"
            R"("data_seed":0,"dataset":"fashion-mnist","depth":3,"format_version":1,"init":"he",)"
            R"("init_scale":1,"label_noise":0,"learning_rate":0.05,"loss":"cross_entropy",)"
            R"("loss_params":{},"model":"mlp","optimizer":"sgd","points":24,"probe_size":2000,)"
            R"("seed":0,"spacing":"log","steps":200,"weight_decay":0,"width":64})");
}

TEST(TrialKeyTest, FieldsWithoutEffectDoNotMatter) {
  const std::string key = TrialKey(MinimalConfig());
  TrialConfig config = MinimalConfig();
  config.momentum = 0.5;
  config.noise_kind = "pair_flip";
  config.loss_delay_steps = 7;
  EXPECT_EQ(TrialKey(config), key);
  EXPECT_EQ(WithoutIdleFields(config), MinimalConfig());
}

// A configuration in which `field` has an effect.
TrialConfig WithEffect(absl::string_view field) {
  TrialConfig config = MinimalConfig();
  config.optimizer = "momentum";
  config.label_noise = 0.1;
  config.schedule = "step";
  config.loss = {.name = "blurry", .parameters = {{"gamma", 0.5}, {"gradient", "full"}}};
  config.norm = "batch_norm";
  config.groups = "confusion,sharpness";
  if (field == "init_tries") config.init_max_guess_min = 0.5;
  if (field == "noise_matrix") config.noise_kind = "matrix";
  if (field == "pool") config.model = "cnn";
  if (field == "stem") config.model = "resnet18";
  if (absl::StartsWith(field, "data_") && field != "data_seed") config.dataset = "blobs";
  return config;
}

TEST(TrialKeyTest, EveryFieldMattersWhereItHasAnEffect) {
  const std::map<absl::string_view, std::string> lists = {{"noise_matrix", "3>5"},
                                                          {"class_subset", "0,1"},
                                                          {"confusion_steps", "0"},
                                                          {"groups", "confusion,noise,sharpness"}};
  for (const Field& field : TrialFields()) {
    const TrialConfig base = WithEffect(field.name);
    ASSERT_TRUE(field.HasEffect(base)) << field.name;
    TrialConfig config = base;
    std::visit(
        [&](auto member) {
          if constexpr (std::is_same_v<decltype(member), Loss TrialConfig::*>) {
            (config.*member).parameters["gamma"] = 0.25;
          } else if constexpr (std::is_same_v<decltype(member), std::string TrialConfig::*>) {
            const auto list = lists.find(field.name);
            if (list != lists.end()) {
              config.*member = list->second;
            } else {
              const bool is_first = config.*member == field.words[0];
              config.*member = std::string(field.words[is_first ? 1 : 0]);
            }
          } else if (config.*member + 1 > field.max) {
            config.*member = config.*member / 2 + 0.25;
          } else {
            config.*member += 1;
          }
        },
        field.member);
    EXPECT_NE(TrialKey(config), TrialKey(base)) << field.name;
    const absl::StatusOr<TrialConfig> read = TrialConfigFromJson(CanonicalJson(config));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(TrialKey(*read), TrialKey(config)) << field.name;
  }
}

std::string Damaged(absl::string_view from, absl::string_view to) {
  std::string text = CanonicalJson(MinimalConfig());
  const size_t at = text.find(std::string(from));
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), std::string(to));
}

struct Damage {
  absl::string_view from;
  absl::string_view to;
  absl::string_view message;
};

class TrialConfigFromJsonDamageTest : public ::testing::TestWithParam<Damage> {};

TEST_P(TrialConfigFromJsonDamageTest, IsRefusedByTheFieldsName) {
  const auto config = TrialConfigFromJson(Damaged(GetParam().from, GetParam().to));
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(config.status().message()), HasSubstr(std::string(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    All, TrialConfigFromJsonDamageTest,
    ::testing::Values(
        Damage{R"("width":64)", R"("width":0)", "`width` must be from 1 to 65536, not 0"},
        Damage{R"("width":64)", R"("width":64.5)", "`width` must be an integer"},
        Damage{R"("width":64)", R"("width":"64")", "`width` must be an integer"},
        Damage{R"("width":64)", R"("width":null)", "`width` must be a number or a string"},
        Damage{R"("width":64)", R"("width":64,"width":65)", "`width` stands twice"},
        Damage{R"("width":64)", R"("widht":64)", "unknown field `widht`"},
        Damage{R"(,"width":64)", "", "`width` is missing"},
        Damage{R"("seed":0)", R"("seed":9007199254740992)", "`seed` is too large"},
        Damage{R"("seed":0)", R"("seed":-1)", "`seed` must be from 0"},
        Damage{R"("init_scale":1)", R"("init_scale":-1)", "`init_scale` must be at least 0"},
        Damage{R"("model":"mlp")", R"("model":"mpl")", "did you mean `mlp`?"},
        Damage{R"("model":"mlp")", R"("model":"mlp","momentum":0.9)", "`momentum` has no effect"},
        Damage{R"("model":"mlp")", R"("model":"mlp","readout_scale":1)",
               "`readout_scale` has its default and must be left out"},
        Damage{R"("model":"mlp")", R"("model":"mlp","schedule_every":5)",
               "`schedule_every` has no effect"},
        Damage{R"("loss":"cross_entropy")", R"("loss":"blurry")", "`gamma` of loss blurry"},
        Damage{R"("loss_params":{})", R"("loss_params":{"gamma":1})", "no parameter `gamma`"},
        Damage{R"("loss_params":{})", R"("loss_params":[])", "`loss_params` must be an object"},
        Damage{R"("loss_params":{},)", "", "`loss_params` is missing"},
        Damage{R"("format_version":1)", R"("format_version":2)", "`format_version` must be 1"},
        Damage{R"("format_version":1,)", "", "`format_version` must be 1"},
        Damage{"{", "", "not a JSON object"}));

TEST(TrialConfigFromJsonTest, RefusesWhatIsNoObject) {
  for (const absl::string_view text : {"", "[]", "1", "{", "{}x", "\"a\"", "{\"a\":}"}) {
    EXPECT_EQ(TrialConfigFromJson(text).status().code(), absl::StatusCode::kInvalidArgument)
        << text;
  }
}

}  // namespace
}  // namespace firstguess

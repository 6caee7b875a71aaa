#include "common/spec/fields.h"

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::StartsWith;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(TrialFieldsTest, AreAllOfTheFirstFormatInItsOrderAndNewerOnes) {
  std::vector<std::string> names;
  std::vector<std::string> newer;
  for (const Field& field : TrialFields()) {
    (field.is_newer ? newer : names).emplace_back(field.name);
  }
  EXPECT_THAT(
      newer,
      ElementsAre("norm", "norm_position", "norm_statistics", "pool", "stem", "readout_scale",
                  "init_max_guess_min", "init_max_guess_max", "init_tries", "logit_bias",
                  "schedule", "warmup_steps", "schedule_every", "schedule_factor", "max_grad_norm",
                  "noise_matrix", "class_subset", "input_shift", "data_classes", "data_dimension",
                  "data_separation", "data_train_per_class", "data_test_per_class", "groups",
                  "confusion_steps", "sharpness_iterations"));
  EXPECT_THAT(
      names,
      ElementsAre("dataset", "model", "width", "depth", "activation", "init", "init_scale",
                  "bias_scale", "loss", "loss_delay_steps", "optimizer", "learning_rate",
                  "momentum", "weight_decay", "batch_size", "steps", "label_noise", "noise_kind",
                  "class_imbalance", "seed", "data_seed", "probe_size", "points", "spacing"));
}

TEST(TrialFieldsTest, DefaultsAreValid) {
  const TrialConfig defaults;
  for (const Field& field : TrialFields()) {
    if (field.name == "dataset") continue;  // has no default
    EXPECT_TRUE(CheckField(field, GetField(defaults, field)).ok()) << field.name;
  }
}

TEST(TrialFieldsTest, EachHasADescription) {
  for (const Field& field : TrialFields()) EXPECT_FALSE(field.description.empty()) << field.name;
}

TEST(TrialFieldsTest, TheFieldThatDecidesAboutAnEffectExists) {
  for (const Field& field : TrialFields()) {
    EXPECT_EQ(field.has_effect == nullptr, field.depends_on.empty()) << field.name;
    for (const absl::string_view other : field.depends_on) {
      EXPECT_NE(FindField(other), nullptr) << field.name;
    }
  }
}

TEST(FindFieldTest, FindsByNameOnly) {
  ASSERT_NE(FindField("width"), nullptr);
  EXPECT_EQ(FindField("width")->name, "width");
  EXPECT_EQ(FindField("Width"), nullptr);
  EXPECT_EQ(FindField("loss_params"), nullptr);
}

TEST(SetFieldTest, RoundTripsEveryType) {
  TrialConfig config;
  const Loss loss{.name = "blurry", .parameters = {{"gamma", 0.25}, {"gradient", "full"}}};
  const std::vector<std::pair<std::string, FieldValue>> values = {
      {"width", int64_t{7}}, {"learning_rate", 0.125}, {"activation", "tanh"}, {"loss", loss}};
  for (const auto& [name, value] : values) {
    ASSERT_TRUE(SetField(config, *FindField(name), value).ok()) << name;
    EXPECT_EQ(GetField(config, *FindField(name)), value) << name;
  }
  EXPECT_EQ(config.width, 7);
  EXPECT_EQ(config.learning_rate, 0.125);
  EXPECT_EQ(config.activation, "tanh");
  EXPECT_EQ(config.loss, loss);
}

TEST(SetFieldTest, TakesAnIntegerForARealField) {
  TrialConfig config;
  ASSERT_TRUE(SetField(config, *FindField("init_scale"), int64_t{2}).ok());
  EXPECT_EQ(config.init_scale, 2.0);
}

TEST(SetFieldTest, NegativeZeroBecomesZero) {
  TrialConfig config;
  ASSERT_TRUE(SetField(config, *FindField("bias_scale"), -0.0).ok());
  EXPECT_FALSE(std::signbit(config.bias_scale));
  const Loss loss{.name = "blurry", .parameters = {{"gamma", -0.0}, {"gradient", "full"}}};
  ASSERT_TRUE(SetField(config, *FindField("loss"), loss).ok());
  EXPECT_FALSE(std::signbit(std::get<double>(config.loss.parameters["gamma"])));
}

TEST(SetFieldTest, AnErrorChangesNothing) {
  TrialConfig config;
  EXPECT_EQ(Message(SetField(config, *FindField("width"), int64_t{0})),
            "`width` must be from 1 to 65536, not 0");
  EXPECT_EQ(Message(SetField(config, *FindField("width"), 1.5)), "`width` must be an integer");
  EXPECT_EQ(Message(SetField(config, *FindField("activation"), "rely")),
            "`activation` must be one of relu, tanh, linear, gelu, leaky_relu, erf, not `rely` "
            "(did you mean `relu`?)");
  EXPECT_EQ(Message(SetField(config, *FindField("loss"), "blurry")), "`loss` must be a loss");
  EXPECT_THAT(
      Message(SetField(config, *FindField("loss"), Loss{.name = "blury", .parameters = {}})),
      AllOf(StartsWith("`loss` must be one of cross_entropy, blurry, piecewise_zero, "),
            EndsWith(", not `blury` (did you mean `blurry`?)")));
  EXPECT_EQ(config, TrialConfig());
}

TEST(CheckFieldTest, RefusesNumbersThatAreNotFinite) {
  for (const double value : {std::numeric_limits<double>::infinity(),
                             -std::numeric_limits<double>::infinity(), std::nan("")}) {
    EXPECT_FALSE(CheckField(*FindField("learning_rate"), value).ok()) << value;
  }
}

TEST(CheckFieldTest, IntegersStayExactInJson) {
  EXPECT_TRUE(CheckField(*FindField("seed"), kMaxInteger).ok());
  EXPECT_FALSE(CheckField(*FindField("seed"), kMaxInteger + 1).ok());
}

TEST(HasEffectTest, FollowsTheFieldItDependsOn) {
  TrialConfig config;
  EXPECT_FALSE(FindField("momentum")->HasEffect(config));
  config.optimizer = "adam";
  EXPECT_FALSE(FindField("momentum")->HasEffect(config));
  config.optimizer = "momentum";
  EXPECT_TRUE(FindField("momentum")->HasEffect(config));
  config.optimizer = "nesterov";
  EXPECT_TRUE(FindField("momentum")->HasEffect(config));
  EXPECT_FALSE(FindField("noise_kind")->HasEffect(config));
  config.label_noise = 0.01;
  EXPECT_TRUE(FindField("noise_kind")->HasEffect(config));
  EXPECT_FALSE(FindField("loss_delay_steps")->HasEffect(config));
  config.loss.name = "piecewise_zero";
  EXPECT_TRUE(FindField("loss_delay_steps")->HasEffect(config));
}

TEST(HasEffectTest, NormalisationIsOfTheModel) {
  TrialConfig config;
  EXPECT_TRUE(FindField("norm")->HasEffect(config));
  EXPECT_FALSE(FindField("norm_position")->HasEffect(config));
  EXPECT_FALSE(FindField("norm_statistics")->HasEffect(config));
  config.norm = "layer_norm";
  EXPECT_TRUE(FindField("norm_position")->HasEffect(config));
  EXPECT_FALSE(FindField("norm_statistics")->HasEffect(config));
  config.norm = "batch_norm";
  EXPECT_TRUE(FindField("norm_statistics")->HasEffect(config));
  config.norm = "none";
  config.model = "resnet18";
  EXPECT_FALSE(FindField("norm")->HasEffect(config));
  EXPECT_FALSE(FindField("depth")->HasEffect(config));
  EXPECT_FALSE(FindField("pool")->HasEffect(config));
  EXPECT_TRUE(FindField("stem")->HasEffect(config));
  EXPECT_TRUE(FindField("norm_statistics")->HasEffect(config));
}

TEST(ToTextTest, ShowsValuesAsPeopleReadThem) {
  EXPECT_EQ(ToText(int64_t{64}), "64");
  EXPECT_EQ(ToText(0.05), "0.05");
  EXPECT_EQ(ToText("relu"), "relu");
  EXPECT_EQ(ToText(Loss{}), "cross_entropy");
  EXPECT_EQ(ToText(Loss{.name = "blurry", .parameters = {{"gamma", 0.5}, {"gradient", "full"}}}),
            "blurry(gamma=0.5, gradient=full)");
}

TEST(LossParametersJsonTest, IsCanonical) {
  EXPECT_EQ(LossParametersJson(Loss{}), "{}");
  EXPECT_EQ(
      LossParametersJson({.name = "blurry", .parameters = {{"gradient", "full"}, {"gamma", 1e-7}}}),
      R"({"gamma":1e-7,"gradient":"full"})");
}

}  // namespace
}  // namespace firstguess

// What 'firstguess list' says of the names that a sweep file may use.

#include "tools/firstguess/list_names.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/spec/datasets.h"
#include "common/spec/fields.h"
#include "common/spec/losses.h"
#include "common/spec/sweep.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/tools/cli_fixture.h"
#include "tools/firstguess/exit_codes.h"

namespace firstguess {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;
using Json = nlohmann::json;

class ListNamesTest : public CliFixture {
 protected:
  Json Listed(const std::string& what) {
    EXPECT_EQ(Run({"list", what, "--json"}), kExitDone) << err_.text;
    return Json::parse(out_.Take())[what];
  }
  std::string Printed(const std::string& what) {
    EXPECT_EQ(Run({"list", what}), kExitDone) << err_.text;
    return out_.Take();
  }
};

TEST_F(ListNamesTest, EveryLossWithEveryParametersDefaultAndRange) {
  const Json losses = Listed("losses");
  ASSERT_EQ(losses.size(), KnownLosses().size());
  for (size_t i = 0; i < losses.size(); ++i) {
    const LossInfo& info = KnownLosses()[i];
    SCOPED_TRACE(std::string(info.name));
    EXPECT_EQ(losses[i]["name"], std::string(info.name));
    ASSERT_EQ(losses[i]["parameters"].size(), info.parameters.size());
    Loss from_listing{.name = std::string(info.name), .parameters = {}};
    for (const Json& parameter : losses[i]["parameters"]) {
      const auto name = parameter["name"].get<std::string>();
      if (parameter["type"] == "word") {
        from_listing.parameters[name] = parameter["default"].get<std::string>();
      } else {
        from_listing.parameters[name] = parameter["default"].get<double>();
      }
    }
    EXPECT_EQ(from_listing, info.Default());
  }
}

TEST_F(ListNamesTest, LossesInATable) {
  const std::string text = Printed("losses");
  EXPECT_THAT(text, ContainsRegex("blurry  .* -p\\^gamma ln p"));
  EXPECT_THAT(text, ContainsRegex("gamma  +0\\.5  +at least 0 "));
  EXPECT_THAT(text, ContainsRegex("gradient  +detached  +detached, full "));
  EXPECT_THAT(text, ContainsRegex("t  +2  +integer, from 1 to 1000 "));
}

TEST_F(ListNamesTest, EveryFieldWithItsPlaceDefaultAndRange) {
  const Json fields = Listed("fields");
  ASSERT_EQ(fields.size(), TrialFields().size());
  for (size_t i = 0; i < fields.size(); ++i) {
    EXPECT_EQ(fields[i]["name"], std::string(TrialFields()[i].name));
    EXPECT_FALSE(fields[i]["meaning"].get<std::string>().empty());
  }
  const std::string text = Printed("fields");
  EXPECT_THAT(text, ContainsRegex("width  +top level  +64  +integer, from 1 to 65536 "));
  EXPECT_THAT(text, ContainsRegex("learning_rate  +train  +0\\.05  +at least 0 "));
  EXPECT_THAT(text, ContainsRegex("steps  +train  +none: must be said "));
}

TEST_F(ListNamesTest, ExactlyTheRequiredFieldsAreMissedInAnEmptySweep) {
  std::vector<std::string> required;
  for (const Json& field : Listed("fields")) {
    if (!field["required"].get<bool>()) continue;
    const auto name = field["name"].get<std::string>();
    required.push_back(name);
    EXPECT_TRUE(field["default"].is_null());
    const ParsedSweep parsed = ParseSweep("name: a\ngrid: {}\n", "a.yaml");
    EXPECT_THAT(absl::StrCat(parsed.errors[0].message, parsed.errors[1].message),
                HasSubstr(absl::StrCat("`", name, "` is missing")));
    EXPECT_EQ(parsed.errors.size(), 2u);
  }
  EXPECT_THAT(required, UnorderedElementsAre("dataset", "steps"));
}

TEST_F(ListNamesTest, ModelsAndDatasets) {
  EXPECT_EQ(Listed("models").size(), FindField("model")->words.size());
  EXPECT_EQ(Listed("datasets").size(), DatasetNames().size());
  EXPECT_THAT(Printed("models"), HasSubstr("mlp"));
  for (const auto& model : Listed("models")) {
    const bool is_resnet = model["name"].get<std::string>().rfind("resnet", 0) == 0;
    const std::vector<std::string> fields = model["fields"];
    const auto has = [&](const char* field) {
      return std::find(fields.begin(), fields.end(), field) != fields.end();
    };
    EXPECT_EQ(has("stem"), is_resnet) << model;
    EXPECT_EQ(has("depth"), !is_resnet) << model;
    EXPECT_EQ(has("norm"), !is_resnet) << model;
    EXPECT_EQ(has("pool"), model["name"] == "cnn") << model;
    EXPECT_TRUE(has("norm_statistics")) << model;
  }
  const std::string datasets = Printed("datasets");
  EXPECT_THAT(datasets, ContainsRegex("fashion-mnist  +10  1 x 28 x 28  +60000  +10000"));
  EXPECT_THAT(datasets, ContainsRegex("cifar-100  +100  3 x 32 x 32  +50000  +10000"));
  EXPECT_THAT(datasets, ContainsRegex("blobs  +data_classes  data_dimension  +"
                                      "data_train_per_class of each class  +"
                                      "data_test_per_class of each class"));
  EXPECT_THAT(datasets, ContainsRegex("npy/<name>  +data_classes  train/x.npy"));
  const Json listed = Listed("datasets");
  for (size_t i = 0; i < listed.size(); ++i) {
    EXPECT_EQ(listed[i]["name"], std::string(DatasetNames()[i]));
    if (listed[i]["name"] == "cifar-10") {
      EXPECT_EQ(listed[i]["channels"], 3);
      EXPECT_EQ(listed[i]["train_examples"], 50000);
    } else if (listed[i]["name"] == "blobs") {
      EXPECT_TRUE(listed[i]["classes"].is_null());
      // Each is a field by this name.
      for (const Json& field : listed[i]["sizes_from"]) {
        EXPECT_NE(FindField(field.get<std::string>()), nullptr) << field;
      }
      EXPECT_EQ(listed[i]["sizes_from"].size(), 4u);
    }
  }
}

TEST_F(ListNamesTest, OtherWordsAreRefused) {
  EXPECT_EQ(Run({"list", "lossess"}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("lossess"));
}

}  // namespace
}  // namespace firstguess

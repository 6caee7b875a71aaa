#include "common/spec/shape.h"

#include <gtest/gtest.h>

#include "common/spec/fields.h"

namespace firstguess {
namespace {

TEST(Shape, EveryShapeFieldIsATrialField) {
  for (const absl::string_view name : ShapeFields()) EXPECT_NE(FindField(name), nullptr) << name;
}

TEST(Shape, KeyFollowsShapeFieldsAndNoOthers) {
  TrialConfig config;
  config.dataset = "mnist";
  for (const Field& field : TrialFields()) {
    TrialConfig other = config;
    FieldValue value = GetField(config, field);
    if (auto* integer = std::get_if<int64_t>(&value)) *integer += 1;
    if (auto* number = std::get_if<double>(&value)) *number += 0.25;
    if (auto* word = std::get_if<std::string>(&value)) *word += "x";
    if (auto* loss = std::get_if<Loss>(&value)) loss->name = "blurry";
    std::visit(
        [&](auto member) {
          other.*member = std::get<std::decay_t<decltype(other.*member)>>(value);
        },
        field.member);
    EXPECT_EQ(ShapeKey(config) != ShapeKey(other), IsShapeField(field.name)) << field.name;
  }
}

}  // namespace
}  // namespace firstguess

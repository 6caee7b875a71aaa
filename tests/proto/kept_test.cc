// The wire format only grows: programs of this build and of those whose definitions are kept in
// kept/ read each other's messages. A kept file is what protoc's --descriptor_set_out wrote of
// proto/ when that version was released.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/message.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "firstguess/v1/sweep_service.pb.h"
#include "firstguess/v1/work_service.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

namespace pb = ::google::protobuf;

// One of each enum's values that is not the default one, by the enum's kept name.
const pb::EnumValueDescriptor* SomeValue(const pb::EnumDescriptor& type) {
  return type.value(type.value_count() > 1 ? 1 : 0);
}

// Something in every field, told by the field's number alone, so that both sides fill in the same.
// Of what excludes each other only the first; no message within itself.
void Fill(pb::Message* message) {
  const pb::Reflection& reflection = *message->GetReflection();
  const pb::Descriptor& type = *message->GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const pb::FieldDescriptor* const field = type.field(i);
    const pb::OneofDescriptor* const oneof = field->real_containing_oneof();
    if (oneof != nullptr && oneof->field(0) != field) continue;
    const int number = field->number();
    const std::string text = absl::StrCat("text ", number);
    for (int copy = 0; copy < (field->is_repeated() ? 2 : 1); ++copy) {
      const bool repeated = field->is_repeated();
      switch (field->cpp_type()) {
        case pb::FieldDescriptor::CPPTYPE_INT64:
          repeated ? reflection.AddInt64(message, field, number + copy)
                   : reflection.SetInt64(message, field, number);
          break;
        case pb::FieldDescriptor::CPPTYPE_DOUBLE:
          repeated ? reflection.AddDouble(message, field, number + 0.5 * copy)
                   : reflection.SetDouble(message, field, number + 0.25);
          break;
        case pb::FieldDescriptor::CPPTYPE_BOOL:
          repeated ? reflection.AddBool(message, field, true)
                   : reflection.SetBool(message, field, true);
          break;
        case pb::FieldDescriptor::CPPTYPE_STRING:
          repeated ? reflection.AddString(message, field, text)
                   : reflection.SetString(message, field, text);
          break;
        case pb::FieldDescriptor::CPPTYPE_ENUM:
          repeated ? reflection.AddEnum(message, field, SomeValue(*field->enum_type()))
                   : reflection.SetEnum(message, field, SomeValue(*field->enum_type()));
          break;
        case pb::FieldDescriptor::CPPTYPE_MESSAGE:
          Fill(repeated ? reflection.AddMessage(message, field)
                        : reflection.MutableMessage(message, field));
          break;
        default:
          ADD_FAILURE() << field->full_name() << " is of a type that this test does not know";
      }
    }
  }
}

std::string Bytes(const pb::Message& message) {
  std::string bytes;
  {
    pb::io::StringOutputStream stream(&bytes);
    pb::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

// A field as it is written down.
std::string Declared(const pb::FieldDescriptor& field) {
  const char* type = field.type_name();
  if (field.message_type() != nullptr) type = field.message_type()->full_name().c_str();
  if (field.enum_type() != nullptr) type = field.enum_type()->full_name().c_str();
  return absl::StrCat(field.is_repeated()    ? "repeated "
                      : field.has_presence() ? "with presence "
                                             : "",
                      type, " ", field.name());
}

class KeptTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    std::ifstream file(absl::StrCat(FIRSTGUESS_KEPT_FOLDER, "/", GetParam()), std::ios::binary);
    pb::FileDescriptorSet set;
    ASSERT_TRUE(set.ParseFromIstream(&file));
    for (const pb::FileDescriptorProto& one : set.file()) {
      files_.push_back(pool_.BuildFile(one));
      ASSERT_NE(files_.back(), nullptr);
    }
    // What this build knows is only linked in when something of it is used.
    v1::Hello::descriptor();
    v1::SweepStatus::descriptor();
  }

  static std::vector<const pb::Descriptor*> AllMessages(
      const std::vector<const pb::FileDescriptor*>& files) {
    std::vector<const pb::Descriptor*> all;
    for (const pb::FileDescriptor* file : files) {
      for (int i = 0; i < file->message_type_count(); ++i) all.push_back(file->message_type(i));
    }
    for (size_t i = 0; i < all.size(); ++i) {
      const pb::Descriptor* const type = all[i];
      for (int j = 0; j < type->nested_type_count(); ++j) all.push_back(type->nested_type(j));
    }
    return all;
  }

  pb::DescriptorPool pool_;
  std::vector<const pb::FileDescriptor*> files_;
  const pb::DescriptorPool& now_ = *pb::DescriptorPool::generated_pool();
};

TEST_P(KeptTest, EachSideReadsAllThatItKnowsOfTheOthersMessages) {
  pb::DynamicMessageFactory then_factory(&pool_);
  for (const pb::Descriptor* then_type : AllMessages(files_)) {
    SCOPED_TRACE(then_type->full_name());
    const pb::Descriptor* const now_type = now_.FindMessageTypeByName(then_type->full_name());
    ASSERT_NE(now_type, nullptr) << "it is gone";
    const std::unique_ptr<pb::Message> then(then_factory.GetPrototype(then_type)->New());
    const std::unique_ptr<pb::Message> now(
        pb::MessageFactory::generated_factory()->GetPrototype(now_type)->New());
    Fill(then.get());
    const std::string sent_then = Bytes(*then);
    ASSERT_TRUE(now->ParseFromString(sent_then));
    now->DiscardUnknownFields();
    EXPECT_EQ(Bytes(*now), sent_then) << "this build does not know all of it";

    now->Clear();
    Fill(now.get());
    ASSERT_TRUE(then->ParseFromString(Bytes(*now)));
    then->DiscardUnknownFields();
    EXPECT_EQ(Bytes(*then), sent_then) << "a program of then would not know all of it";
  }
}

TEST_P(KeptTest, EveryFieldKeepsItsNameNumberAndType) {
  for (const pb::Descriptor* then_type : AllMessages(files_)) {
    const pb::Descriptor* const now_type = now_.FindMessageTypeByName(then_type->full_name());
    ASSERT_NE(now_type, nullptr) << then_type->full_name();
    for (int i = 0; i < then_type->field_count(); ++i) {
      const pb::FieldDescriptor& then = *then_type->field(i);
      const pb::FieldDescriptor* const now = now_type->FindFieldByNumber(then.number());
      ASSERT_NE(now, nullptr) << then.full_name() << " is gone";
      EXPECT_EQ(Declared(*now), Declared(then)) << then.full_name();
    }
  }
}

TEST_P(KeptTest, EveryEnumValueAndEveryMethodIsThere) {
  std::vector<const pb::EnumDescriptor*> enums;
  std::vector<const pb::MethodDescriptor*> methods;
  for (const pb::FileDescriptor* file : files_) {
    for (int i = 0; i < file->enum_type_count(); ++i) enums.push_back(file->enum_type(i));
    for (int i = 0; i < file->service_count(); ++i) {
      const pb::ServiceDescriptor* const service = file->service(i);
      for (int j = 0; j < service->method_count(); ++j) methods.push_back(service->method(j));
    }
  }
  for (const pb::Descriptor* type : AllMessages(files_)) {
    for (int i = 0; i < type->enum_type_count(); ++i) enums.push_back(type->enum_type(i));
  }
  for (const pb::EnumDescriptor* type : enums) {
    const pb::EnumDescriptor* const now_type = now_.FindEnumTypeByName(type->full_name());
    ASSERT_NE(now_type, nullptr) << type->full_name();
    for (int i = 0; i < type->value_count(); ++i) {
      const pb::EnumValueDescriptor& then = *type->value(i);
      const pb::EnumValueDescriptor* const now = now_type->FindValueByName(then.name());
      ASSERT_NE(now, nullptr) << then.full_name();
      EXPECT_EQ(now->number(), then.number()) << then.full_name();
    }
  }
  for (const pb::MethodDescriptor* then : methods) {
    const pb::MethodDescriptor* const now = now_.FindMethodByName(then->full_name());
    ASSERT_NE(now, nullptr) << then->full_name();
    EXPECT_EQ(now->DebugString(), then->DebugString());
  }
}

std::vector<std::string> KeptFiles() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(FIRSTGUESS_KEPT_FOLDER)) {
    files.push_back(entry.path().filename());
  }
  return files;
}

INSTANTIATE_TEST_SUITE_P(Versions, KeptTest, ::testing::ValuesIn(KeptFiles()), [](const auto& one) {
  std::string name = one.param;
  for (char& c : name) c = c == '.' ? '_' : c;
  return name;
});

}  // namespace
}  // namespace firstguess

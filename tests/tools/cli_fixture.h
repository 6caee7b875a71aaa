#pragma once

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/tools/fake_terminal.h"
#include "tools/firstguess/cli.h"
#include "tools/firstguess/private_folder.h"

namespace firstguess {

// Runs command lines in this process against fake terminals, with a folder of its own.
class CliFixture : public testing::Test {
 protected:
  void SetUp() override {
    auto folder = PrivateFolder::Create();
    ASSERT_TRUE(folder.ok()) << folder.status();
    folder_ = *std::move(folder);
    context_.out = &out_;
    context_.err = &err_;
  }

  int Run(const std::vector<std::string>& arguments) { return RunCli(arguments, &context_); }

  std::string Path(const std::string& name) const { return folder_->Path(name); }
  // Writes a file in the test's folder and returns its path.
  std::string WriteFile(const std::string& name, const std::string& text) const;

  // The last line of what was complained about.
  std::string LastErrorLine() const;

  FakeTerminal out_;
  FakeTerminal err_;
  Context context_;
  std::unique_ptr<PrivateFolder> folder_;
};

}  // namespace firstguess

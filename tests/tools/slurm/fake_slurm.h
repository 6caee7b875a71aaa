#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tools/firstguess/private_folder.h"

namespace firstguess {

// While it lives, programs of the names sbatch, squeue and scontrol come first on the PATH: they
// note how they were called, and answer as they are told. Job ids count from 1; what was submitted
// is in the queue as one pending job. One at a time.
class FakeSlurm {
 public:
  FakeSlurm() : path_(std::getenv("PATH")) {
    auto folder = PrivateFolder::Create();
    EXPECT_TRUE(folder.ok()) << folder.status();
    folder_ = *std::move(folder);
    const std::string here = folder_->Path("");
    const std::string head =
        absl::StrCat("#!/bin/sh\nset -e\ncd '", here, "'\necho \"${0##*/} $*\" >> calls\n");
    Program("sbatch",
            absl::StrCat(head,
                         "count=$(($(cat count) + 1))\n"
                         "if [ $count -gt \"$(cat most)\" ]; then cat words >&2; exit 1; fi\n"
                         "echo $count > count\necho $count\necho \"$count PENDING\" >> queue\n"));
    Program("squeue", absl::StrCat(head, "cat queue\n"));
    Program("scontrol", absl::StrCat(head, "cat config\n"));
    Write("calls", "");
    Write("count", "0");
    Write("queue", "");
    Write("config", "KillWait = 30 sec\nMaxArraySize = 1001\n");
    RefuseAfter(1000, "");
    ::setenv("PATH", absl::StrCat(here, ":", path_).c_str(), 1);
  }
  ~FakeSlurm() { ::setenv("PATH", path_.c_str(), 1); }
  FakeSlurm(const FakeSlurm&) = delete;
  FakeSlurm& operator=(const FakeSlurm&) = delete;

  void SetQueue(const std::string& lines) const { Write("queue", lines); }
  void SetConfig(const std::string& lines) const { Write("config", lines); }
  // sbatch takes so many, then it ends with these words.
  void RefuseAfter(int jobs, const std::string& words) const {
    Write("most", absl::StrCat(jobs));
    Write("words", words);
  }
  // As on a machine that has no Slurm.
  void Remove() const { ::setenv("PATH", "/nowhere", 1); }

  // How they were called so far.
  std::vector<std::string> Calls() const {
    std::stringstream text;
    text << std::ifstream(folder_->Path("calls")).rdbuf();
    return absl::StrSplit(text.str(), '\n', absl::SkipEmpty());
  }

 private:
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_->Path(name)) << text;
  }
  void Program(const std::string& name, const std::string& text) const {
    Write(name, text);
    std::filesystem::permissions(folder_->Path(name), std::filesystem::perms::owner_all);
  }

  const std::string path_;
  std::unique_ptr<PrivateFolder> folder_;
};

}  // namespace firstguess

#include "tests/tools/program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"

namespace firstguess {

Program::Program(const std::vector<std::string>& arguments, const std::string& folder) {
  static int count = 0;
  ++count;
  out_path_ = absl::StrCat(folder, "/output-", count);
  err_path_ = absl::StrCat(folder, "/errors-", count);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  const int flags = O_WRONLY | O_CREAT | O_TRUNC;
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out_path_.c_str(), flags, 0600);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err_path_.c_str(), flags, 0600);
  std::vector<std::string> words = arguments;
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  if (::posix_spawn(&process_, words[0].c_str(), &actions, nullptr, pointers.data(), environ) !=
      0) {
    process_ = 0;
  }
  ::posix_spawn_file_actions_destroy(&actions);
}

Program::~Program() {
  if (process_ == 0) return;
  Signal(SIGKILL);
  Wait();
}

void Program::Signal(int signal) const {
  if (process_ != 0) ::kill(process_, signal);
}

bool Program::Ended() {
  int status = 0;
  if (process_ != 0 && ::waitpid(process_, &status, WNOHANG) == process_) SetEnd(status);
  return process_ == 0;
}

int Program::Wait() {
  int status = 0;
  if (process_ != 0 && ::waitpid(process_, &status, 0) == process_) SetEnd(status);
  return code_;
}

void Program::SetEnd(int wait_status) {
  process_ = 0;
  code_ = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

std::string Program::out() const { return FileText(out_path_); }
std::string Program::err() const { return FileText(err_path_); }

int Program::Run(const std::vector<std::string>& arguments, const std::string& folder,
                 std::string* out, std::string* err) {
  Program program(arguments, folder);
  const int code = program.Wait();
  *out = program.out();
  *err = program.err();
  return code;
}

std::string FileText(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace firstguess

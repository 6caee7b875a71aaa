#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace firstguess {

// A program that a test started. What it prints goes to a file each. Killed at the end if it still
// runs.
class Program {
 public:
  // `arguments` begin with the program's path. Works in `folder`, where its output files go too.
  Program(const std::vector<std::string>& arguments, const std::string& folder);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void Signal(int signal) const;
  bool Ended();
  // Blocks until it ends; its exit code, or 128 + the signal that killed it.
  int Wait();

  std::string out() const;
  std::string err() const;

  // Starts, waits, and returns the exit code.
  static int Run(const std::vector<std::string>& arguments, const std::string& folder,
                 std::string* out, std::string* err);

 private:
  void SetEnd(int wait_status);

  std::string out_path_;
  std::string err_path_;
  pid_t process_ = 0;
  int code_ = -1;
};

// The whole text of a file; empty if there is none.
std::string FileText(const std::string& path);

}  // namespace firstguess

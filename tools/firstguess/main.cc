#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "tools/firstguess/cli.h"

int main(int argc, char** argv) {
  // A reader that went away is seen as a failed write, not as the end of the process.
  ::signal(SIGPIPE, SIG_IGN);
  firstguess::DescriptorTerminal out(STDOUT_FILENO);
  firstguess::DescriptorTerminal err(STDERR_FILENO);
  firstguess::Context context;
  context.out = &out;
  context.err = &err;
  std::error_code error;
  context.program_folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  return firstguess::RunCli(std::vector<std::string>(argv + 1, argv + argc), &context);
}

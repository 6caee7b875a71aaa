#include "tests/tools/cli_fixture.h"

#include <fstream>

#include "absl/strings/str_split.h"

namespace firstguess {

std::string CliFixture::WriteFile(const std::string& name, const std::string& text) const {
  std::ofstream(Path(name)) << text;
  return Path(name);
}

std::string CliFixture::LastErrorLine() const {
  const std::vector<std::string> lines = absl::StrSplit(err_.text, '\n', absl::SkipEmpty());
  return lines.empty() ? "" : lines.back();
}

}  // namespace firstguess

#include "tools/firstguess/spec_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "tools/firstguess/format.h"

namespace firstguess {
namespace {

// One byte more than the parser accepts, so that it is the parser who says that a file is too long.
constexpr std::streamsize kBytesRead = (1 << 20) + 1;

// Stands for its path in what is said of it.
constexpr char kStandardInput[] = "standard input";

Failure CannotRead(const std::string& path, int error) {
  return {kExitInput,
          {},
          absl::StrCat("the sweep file ", path, " can't be read: ", std::strerror(error), "."),
          "Check the path; the examples folder of the source tree has sweep files to begin with."};
}

constexpr char kCorrectIt[] = "Correct it and run the same command again.";

}  // namespace

std::variant<SpecFile, Failure> ReadSpecFile(const std::string& path) {
  SpecFile spec;
  spec.path = path == "-" ? kStandardInput : path;
  errno = 0;
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) return CannotRead(path, errno);
  }
  std::istream& input = path == "-" ? std::cin : file;
  spec.text.resize(kBytesRead);
  input.read(spec.text.data(), kBytesRead);
  if (input.bad()) return CannotRead(spec.path, errno == 0 ? EIO : errno);
  spec.text.resize(static_cast<size_t>(input.gcount()));

  ParsedSweep parsed = ParseSweep(spec.text, spec.path);
  if (!parsed.sweep.has_value()) {
    Failure failure;
    failure.code = kExitInput;
    for (const SpecError& error : parsed.errors) failure.details.push_back(error.ToString());
    const size_t count = parsed.errors.size();
    failure.message = absl::StrCat(spec.path, " has ",
                                   FormatCountOf(static_cast<int64_t>(count), "mistake"), ".");
    failure.next = count == 1 ? kCorrectIt : "Correct them and run the same command again.";
    return failure;
  }
  spec.sweep = *std::move(parsed.sweep);
  return spec;
}

Failure CellsFailure(const SpecFile& spec, const absl::Status& status) {
  return {kExitInput, {}, absl::StrCat(spec.path, ": ", status.message(), "."), kCorrectIt};
}

}  // namespace firstguess

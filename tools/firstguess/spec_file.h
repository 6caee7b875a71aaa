#pragma once

#include <string>
#include <variant>

#include "common/spec/sweep.h"
#include "tools/firstguess/failure.h"

namespace firstguess {

// A sweep file as it was read.
struct SpecFile {
  std::string path;
  std::string text;
  Sweep sweep;
};

// Reads and validates a sweep file; "-" is standard input. The failure lists every mistake as
// path:line:column: message.
std::variant<SpecFile, Failure> ReadSpecFile(const std::string& path);

// What is wrong with the cells of a valid sweep file, as the grid says.
Failure CellsFailure(const SpecFile& spec, const absl::Status& status);

}  // namespace firstguess

#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tools/firstguess/context.h"
#include "tools/firstguess/exit_codes.h"

namespace firstguess {

// Why a command ended early, in words that a person can act on.
struct Failure {
  ExitCode code = kExitFailed;
  std::vector<std::string> details;  // lines printed first, as they are
  std::string message;               // what happened; one sentence
  std::string next;                  // what to do next; the last line
};

// Prints `failure` to the context's error output and returns its code.
int Report(const Failure& failure, Context* context);

// What an error of the coordinator at `address` means for the person who asked it.
Failure ServiceFailure(const absl::Status& status, absl::string_view address);

// What an error of the database file at `path` means.
Failure DatabaseFailure(const absl::Status& status, absl::string_view path);

}  // namespace firstguess

#include "tools/firstguess/failure.h"

#include "absl/strings/str_cat.h"

namespace firstguess {

int Report(const Failure& failure, Context* context) {
  context->out->Flush();
  for (const std::string& line : failure.details) context->err->Write(line + "\n");
  context->err->Write(
      absl::StrCat(Styled(*context->err, Style::kRed, "firstguess:"), " ", failure.message, "\n"));
  if (!failure.next.empty()) context->err->Write(failure.next + "\n");
  context->err->Flush();
  return failure.code;
}

Failure ServiceFailure(const absl::Status& status, absl::string_view address) {
  const std::string said(status.message());
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return {kExitUnreachable,
              {},
              absl::StrCat("no coordinator answers at ", address, " (", said, ")."),
              "Start one with 'firstguess-coordinator --db FILE', name another with --coordinator "
              "ADDRESS, or read a file with --db FILE where the command can."};
    case absl::StatusCode::kDeadlineExceeded:
      return {kExitUnreachable,
              {},
              absl::StrCat("the coordinator at ", address, " did not answer in time."),
              "Look at its log, then try again."};
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return {kExitInput, {}, said, "Correct the input and try again."};
    case absl::StatusCode::kNotFound:
      return {kExitInput,
              {},
              said,
              absl::StrCat("'firstguess list --coordinator ", address,
                           "' shows the sweeps that "
                           "there are, 'firstguess workers' the workers.")};
    case absl::StatusCode::kAlreadyExists:
      return {kExitInput, {}, said, "Give the sweep another name in its file (the line 'name:')."};
    case absl::StatusCode::kFailedPrecondition:
      return {kExitInput, {}, said, "'firstguess show SWEEP' tells the state that it is in."};
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return {kExitRefused, {}, said, "Ask whoever runs the coordinator for permission."};
    case absl::StatusCode::kResourceExhausted:
      return {kExitRefused, {}, said, "Ask for less at a time."};
    case absl::StatusCode::kUnimplemented:
      return {kExitFailed,
              {},
              absl::StrCat("what listens at ", address,
                           " is not a firstguess "
                           "coordinator, or of another version (",
                           said, ")."),
              "Check the address, and that both sides are of one version."};
    default:
      return {kExitFailed, {}, said, "Look at the coordinator's log."};
  }
}

Failure DatabaseFailure(const absl::Status& status, absl::string_view path) {
  const std::string said(status.message());
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kDataLoss:
      return {kExitInput, {}, said, "Name a database of firstguess with --db FILE."};
    case absl::StatusCode::kFailedPrecondition:
      return {kExitInput,
              {},
              said,
              "Name another file with --db FILE; one of a later version needs a later firstguess."};
    case absl::StatusCode::kPermissionDenied:
      return {kExitRefused,
              {},
              said,
              "Get permission to the file and its folder, or use another with --db FILE."};
    case absl::StatusCode::kResourceExhausted:
      return {kExitRefused, {}, said, "Make room and run the same command again."};
    case absl::StatusCode::kUnavailable:
      return {
          kExitFailed, {}, said, "Wait until the other program is done with the file, or stop it."};
    default:
      return {kExitFailed, {}, absl::StrCat(path, ": ", said), "Check the file and its disk."};
  }
}

}  // namespace firstguess

#include "coordinator/store/sqlite/error.h"

#include <cerrno>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace firstguess::sqlite {
namespace {

constexpr char kClassPayload[] = "firstguess/sqlite-error-class";

ErrorClass Classify(int code, int system_error) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return ErrorClass::kBusy;
    case SQLITE_FULL:
      return ErrorClass::kFull;
    case SQLITE_IOERR:
      // SQLite calls only a failed write to a full device FULL; not a quota, and not the file that
      // the write-ahead log's index grows in.
      if (system_error == ENOSPC || system_error == EDQUOT) return ErrorClass::kFull;
      return ErrorClass::kIo;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorClass::kCorrupt;
    case SQLITE_READONLY:
      return ErrorClass::kReadOnly;
    case SQLITE_CANTOPEN:
      if (system_error == ENOSPC || system_error == EDQUOT) return ErrorClass::kFull;
      return ErrorClass::kCannotOpen;
    case SQLITE_CONSTRAINT:
      return ErrorClass::kConstraint;
    case SQLITE_INTERRUPT:
      return ErrorClass::kInterrupted;
    case SQLITE_AUTH:
      return ErrorClass::kRefused;
    default:
      return ErrorClass::kOther;
  }
}

absl::StatusCode StatusCodeOf(ErrorClass error_class, int system_error) {
  switch (error_class) {
    case ErrorClass::kBusy:
      return absl::StatusCode::kUnavailable;
    case ErrorClass::kFull:
      return absl::StatusCode::kResourceExhausted;
    case ErrorClass::kCorrupt:
      return absl::StatusCode::kDataLoss;
    case ErrorClass::kReadOnly:
    case ErrorClass::kRefused:
      return absl::StatusCode::kPermissionDenied;
    case ErrorClass::kCannotOpen:
      return system_error == ENOENT || system_error == ENOTDIR
                 ? absl::StatusCode::kNotFound
                 : absl::StatusCode::kPermissionDenied;
    case ErrorClass::kConstraint:
      return absl::StatusCode::kFailedPrecondition;
    case ErrorClass::kInterrupted:
      return absl::StatusCode::kCancelled;
    case ErrorClass::kOther:
      return absl::StatusCode::kInvalidArgument;
    case ErrorClass::kNone:
    case ErrorClass::kIo:
      break;
  }
  return absl::StatusCode::kInternal;
}

}  // namespace

ErrorClass ClassOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kClassPayload);
  int number = 0;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &number)) {
    return ErrorClass::kNone;
  }
  return static_cast<ErrorClass>(number);
}

absl::Status MakeError(sqlite3* database, int code, absl::string_view doing) {
  const int system_error = sqlite3_system_errno(database);
  const ErrorClass error_class = Classify(code, system_error);
  absl::Status status(StatusCodeOf(error_class, system_error),
                      absl::StrCat(doing, ": ", sqlite3_errmsg(database), " (", code, ")"));
  status.SetPayload(kClassPayload, absl::Cord(absl::StrCat(static_cast<int>(error_class))));
  return status;
}

absl::Status WithMessage(const absl::Status& status, absl::string_view message) {
  absl::Status result(status.code(), message);
  status.ForEachPayload(
      [&](absl::string_view type, const absl::Cord& payload) { result.SetPayload(type, payload); });
  return result;
}

}  // namespace firstguess::sqlite

#pragma once

#include <initializer_list>

#include "absl/strings/string_view.h"
#include "common/log.h"

namespace firstguess {

// A line that says who changed what, or was refused; no level drops it:
//
//   2026-01-01T00:00:00.000Z AUDIT Pause who=token:alice of=first-guess outcome=OK
//
// Thread-safe.
void LogAudit(absl::string_view event, std::initializer_list<LogField> fields);

}  // namespace firstguess

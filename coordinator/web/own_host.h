#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace firstguess {

// 127.0.0.0/8 or ::1, in digits.
bool IsLoopback(const std::string& host);

// Whether a request's Host header names this machine: a loopback address or "localhost", with or
// without a port, or nothing. Any other name came through a name server that may belong to somebody
// else.
bool IsOwnHost(absl::string_view host);

// Whether a request's Origin header is of a page of this server, or of no page.
bool IsOwnOrigin(absl::string_view origin, absl::string_view host);

}  // namespace firstguess

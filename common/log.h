#pragma once

#include <initializer_list>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace firstguess {

// Structured logs: one line an event on standard error,
//
//   2026-01-01T00:00:00.000Z INFO lease granted lease=41 worker=node3
//
// Values with spaces, quotes or control characters are quoted and escaped. Thread-safe: lines never
// mix.
enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct LogField {
  LogField(absl::string_view name, const absl::AlphaNum& value) : key(name), text(value.Piece()) {}
  std::string key;
  std::string text;
};

void Log(LogLevel level, absl::string_view event, std::initializer_list<LogField> fields = {});

// Lines below this level are dropped. Default kInfo.
void SetLogLevel(LogLevel level);

// Appends lines to this file instead of standard error. False if it can't be opened.
bool SetLogFile(const std::string& path);

}  // namespace firstguess

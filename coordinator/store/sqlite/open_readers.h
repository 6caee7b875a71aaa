#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firstguess::sqlite {

// Somebody of this process who reads a database for a while, and so keeps its write-ahead log from
// being used anew. Listed as long as it lives. Thread-safe.
class OpenReader {
 public:
  // `what`: for people, "query", "backup".
  OpenReader(const std::string& path, absl::string_view what);
  ~OpenReader();
  OpenReader(const OpenReader&) = delete;
  OpenReader& operator=(const OpenReader&) = delete;
};

struct ReaderAge {
  std::string what;
  absl::Duration age;
};

// Those of the file at `path`, under whatever name they opened it; the oldest first. Thread-safe.
std::vector<ReaderAge> OpenReadersOf(const std::string& path);

}  // namespace firstguess::sqlite

#pragma once

#include <sys/types.h>

#include <ctime>
#include <string>

namespace firstguess {

// Tells when a file was replaced or written. Asking costs a microsecond. Thread-compatible.
class WatchedFile {
 public:
  explicit WatchedFile(std::string path);

  const std::string& path() const { return path_; }

  // Whether it is another file, has other content, or is there or gone, since the last call; true
  // at the first.
  bool Changed();

 private:
  struct Seen {
    bool exists = false;
    dev_t device = 0;
    ino_t number = 0;
    off_t size = 0;
    timespec written = {};
    timespec changed = {};
  };

  const std::string path_;
  bool asked_ = false;
  Seen seen_;
};

}  // namespace firstguess

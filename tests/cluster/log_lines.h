#pragma once

#include <fstream>
#include <string>

#include "absl/time/clock.h"
#include "common/log.h"
#include "gtest/gtest.h"

namespace firstguess {

// What this process logs from now on, in a file instead of on standard error. Thread-safe.
class LogLines {
 public:
  explicit LogLines(const std::string& folder) : path_(folder + "/log") {
    EXPECT_TRUE(SetLogFile(path_));
  }

  // Whether a line has both texts.
  bool Have(const std::string& one, const std::string& other = "") const {
    std::ifstream file(path_);
    for (std::string line; std::getline(file, line);) {
      if (line.find(one) != std::string::npos && line.find(other) != std::string::npos) return true;
    }
    return false;
  }

  // Until a line has them: what is logged may come after what the peer is told. False after a
  // minute.
  [[nodiscard]] bool Await(const std::string& one, const std::string& other) const {
    constexpr int kLooks = 6000;
    for (int look = 0; look < kLooks; ++look) {
      if (Have(one, other)) return true;
      absl::SleepFor(absl::Milliseconds(10));
    }
    return false;
  }

 private:
  const std::string path_;
};

}  // namespace firstguess

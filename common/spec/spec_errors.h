#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "common/spec/sweep.h"

namespace firstguess {

// A place in a sweep file, both from 1; columns count bytes.
struct Place {
  int line = 1;
  int column = 1;
};

// The mistakes found in one sweep file so far. Thread-compatible.
class SpecErrors {
 public:
  explicit SpecErrors(absl::string_view path) : path_(path) {}

  // The same message at the same place counts once.
  void Add(Place place, absl::string_view message);
  size_t count() const { return errors_.size() + left_out_; }

  // All errors in file order. Beyond a thousand they are only counted, in a last line.
  std::vector<SpecError> Sorted() const;

 private:
  std::string path_;
  std::vector<SpecError> errors_;
  absl::flat_hash_set<std::string> told_;
  size_t left_out_ = 0;
};

// Text out of a sweep file as messages show it: in backquotes, shortened, without control
// characters.
std::string Shown(absl::string_view text);

}  // namespace firstguess

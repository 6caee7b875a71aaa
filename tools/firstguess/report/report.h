#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace firstguess {

struct ReportOptions {
  std::string database;  // path of the file; opened read-only, also while it is being written
  std::string sweep;     // its name; empty: the one created last
  std::string output;    // path of the HTML file; replaced whole, by a rename, or not at all
};

// Writes one self-contained HTML file about a sweep: trajectories, initial bias by depth, a table
// and the provenance of every number. It loads nothing from anywhere. A sweep that is still running
// gives a report of what there is.
//
// Everything is read in one transaction, so the parts agree with each other. Errors: NotFound (no
// such file, or no such sweep in it: the message lists those that there are), FailedPrecondition or
// DataLoss (not a firstguess database), what the file system says for the output.
absl::Status WriteReport(const ReportOptions& options);

// What the sweep shows, in a few plain sentences, one a line, without markup or trailing newline:
// how many trials there are; the most biased start; what each loss made of that very start; the
// initial bias by depth. Empty `sweep`: the one created last. Errors as WriteReport.
absl::StatusOr<std::vector<std::string>> Findings(const std::string& database,
                                                  const std::string& sweep);

}  // namespace firstguess

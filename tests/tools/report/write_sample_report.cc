// write_sample_report FOLDER: writes sample.db and sample.html there, for page_in_chromium_test.py.

#include <iostream>

#include "absl/strings/str_cat.h"
#include "tests/tools/report/sample_database.h"
#include "tools/firstguess/report/report.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: write_sample_report FOLDER\n";
    return 2;
  }
  const std::string database = absl::StrCat(argv[1], "/sample.db");
  absl::Status status = firstguess::WriteSampleDatabase(database);
  if (status.ok()) {
    status = firstguess::WriteReport(
        {.database = database, .sweep = "sample", .output = absl::StrCat(argv[1], "/sample.html")});
  }
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? 0 : 1;
}

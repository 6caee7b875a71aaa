#pragma once

#include "absl/strings/string_view.h"

namespace firstguess {

// Marks a file as a firstguess database ("FGDB", in the header's application_id). Stable.
inline constexpr int kApplicationId = 0x46474442;

// The schema as SQL, in the steps in which it grew: the tables and indexes that each version added.
// Views are in views.h. Their comments are the data dictionary (data_dictionary.h says how they are
// read), and SQLite keeps them, so that `.schema` in any file shows them. Stable: tables only gain
// columns; pinned by tests/coordinator/store/schema_test.cc.
extern const absl::string_view kSchemaVersion1;
extern const absl::string_view kSchemaVersion2;
extern const absl::string_view kSchemaVersion3;
extern const absl::string_view kSchemaVersion4;
extern const absl::string_view kSchemaVersion5;
extern const absl::string_view kSchemaVersion6;
extern const absl::string_view kSchemaVersion7;

}  // namespace firstguess

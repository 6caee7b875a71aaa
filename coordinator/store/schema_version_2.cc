#include "coordinator/store/schema.h"

namespace firstguess {

// The views alone changed (views.h).
const absl::string_view kSchemaVersion2 = "";

}  // namespace firstguess

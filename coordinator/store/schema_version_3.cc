#include "coordinator/store/schema.h"

namespace firstguess {

// The views alone changed (views.h).
const absl::string_view kSchemaVersion3 = "";

}  // namespace firstguess

#include "coordinator/store/schema.h"

namespace firstguess {

// The views alone changed (views.h).
const absl::string_view kSchemaVersion6 = "";

}  // namespace firstguess

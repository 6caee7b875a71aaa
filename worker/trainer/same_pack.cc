#include "worker/trainer/same_pack.h"

#include "absl/strings/str_cat.h"
#include "common/spec/fields.h"
#include "common/spec/shape.h"

namespace firstguess::trainer {

absl::Status CheckSamePack(const TrialConfig& a, const TrialConfig& b) {
  for (const absl::string_view name : ShapeFields()) {
    const Field& field = *FindField(name);
    if (GetField(a, field) == GetField(b, field)) continue;
    return absl::InvalidArgumentError(absl::StrCat("trials of one pack differ in ", name));
  }
  return absl::OkStatus();
}

}  // namespace firstguess::trainer

#pragma once

#include <array>
#include <optional>

#include "absl/strings/string_view.h"

namespace firstguess {

// What somebody may do with a coordinator; coordinator/service/permissions.cc says which role may
// call what.
enum class Role { kViewer, kSubmitter, kWorker, kAdmin };

inline constexpr std::array<Role, 4> kRoles = {Role::kViewer, Role::kSubmitter, Role::kWorker,
                                               Role::kAdmin};

// "viewer", "submitter", "worker", "admin": in certificates, token files and logs.
absl::string_view RoleName(Role role);
std::optional<Role> FindRole(absl::string_view name);

}  // namespace firstguess

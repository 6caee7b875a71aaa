#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "common/role.h"

namespace firstguess {

// Who may call a method. A method without one is refused to everybody.
struct Permission {
  absl::string_view method;  // "/firstguess.v1.SweepService/List"
  unsigned roles = 0;        // bits; see Allows
  bool anyone = false;       // also who does not say who it is
  bool changes = false;      // something of others: goes into the audit log
};

// All of them.
const std::vector<Permission>& Permissions();

// Null: none.
const Permission* FindPermission(absl::string_view method);

bool Allows(const Permission& permission, Role role);

}  // namespace firstguess

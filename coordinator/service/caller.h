#pragma once

#include <string>

#include "common/role.h"

namespace firstguess {

// Who makes a call.
struct Caller {
  // "certificate:node3", "token:alice", "user:root": where the name comes from, and the name.
  // Empty: nobody was asked.
  std::string name;
  Role role = Role::kAdmin;
};

}  // namespace firstguess

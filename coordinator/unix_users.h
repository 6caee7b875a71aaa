#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/service/caller.h"

namespace firstguess {

// Users of this machine who need no token on a unix socket, as the kernel says who they are: the
// one who runs the coordinator and root are admins, others have the role that they were given. A
// value.
class UnixUsers {
 public:
  struct User {
    uid_t id = 0;
    Caller caller;  // "user:alice"
  };

  // Nobody but those two.
  UnixUsers();

  // From texts as "alice=submitter" or "1000=submitter". InvalidArgument, naming the text: no such
  // role or user, or a second role for one.
  static absl::StatusOr<UnixUsers> Parse(const std::vector<std::string>& texts);

  const std::vector<User>& users() const { return users_; }
  bool others_have_roles() const { return others_have_roles_; }

 private:
  bool Known(uid_t id) const;

  std::vector<User> users_;
  bool others_have_roles_ = false;
};

}  // namespace firstguess

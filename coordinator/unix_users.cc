#include "coordinator/unix_users.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

constexpr uid_t kRoot = 0;

std::string UserName(uid_t id) {
  std::array<char, 4096> buffer = {};
  passwd entry = {};
  passwd* found = nullptr;
  if (getpwuid_r(id, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return absl::StrCat("user:", id);
  }
  return absl::StrCat("user:", found->pw_name);
}

std::optional<uid_t> FindUser(const std::string& name) {
  uint32_t id = 0;
  if (absl::SimpleAtoi(name, &id)) return id;
  std::array<char, 4096> buffer = {};
  passwd entry = {};
  passwd* found = nullptr;
  if (getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr) {
    return std::nullopt;
  }
  return found->pw_uid;
}

}  // namespace

UnixUsers::UnixUsers() {
  users_.push_back(
      {.id = geteuid(), .caller = {.name = UserName(geteuid()), .role = Role::kAdmin}});
  if (!Known(kRoot)) {
    users_.push_back({.id = kRoot, .caller = {.name = UserName(kRoot), .role = Role::kAdmin}});
  }
}

bool UnixUsers::Known(uid_t id) const {
  return std::any_of(users_.begin(), users_.end(),
                     [id](const User& user) { return user.id == id; });
}

absl::StatusOr<UnixUsers> UnixUsers::Parse(const std::vector<std::string>& texts) {
  UnixUsers parsed;
  for (const std::string& text : texts) {
    const size_t equals = std::min(text.find('='), text.size());
    const std::optional<Role> role =
        FindRole(absl::string_view(text).substr(std::min(equals + 1, text.size())));
    const std::optional<uid_t> id = FindUser(text.substr(0, equals));
    if (!role.has_value() || !id.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--unix-user ", text, ": ",
          role.has_value() ? "this machine has no such user"
                           : "say USER=ROLE, with viewer, submitter, worker or admin"));
    }
    if (parsed.Known(*id)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--unix-user ", text,
          ": this user has a role already (the coordinator's own and root are admins)"));
    }
    parsed.users_.push_back({.id = *id, .caller = {.name = UserName(*id), .role = *role}});
    parsed.others_have_roles_ = true;
  }
  return parsed;
}

}  // namespace firstguess

#include "tools/firstguess/private_folder.h"

#include <stdlib.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

// Room for "/firstguess-XXXXXX/" and the socket's name.
constexpr size_t kLongestParent = sizeof(sockaddr_un::sun_path) - 40;

}  // namespace

absl::StatusOr<std::unique_ptr<PrivateFolder>> PrivateFolder::Create() {
  std::vector<std::string> parents;
  for (const char* variable : {"XDG_RUNTIME_DIR", "TMPDIR"}) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value == '/' && std::strlen(value) <= kLongestParent) {
      parents.emplace_back(value);
    }
  }
  parents.emplace_back("/tmp");
  std::string reason;
  for (const std::string& parent : parents) {
    std::string path = absl::StrCat(parent, "/firstguess-XXXXXX");
    if (::mkdtemp(path.data()) != nullptr) {
      return std::unique_ptr<PrivateFolder>(new PrivateFolder(std::move(path)));
    }
    reason = absl::StrCat(parent, ": ", std::strerror(errno));
  }
  return absl::PermissionDeniedError(absl::StrCat("no temporary folder could be made in ", reason));
}

PrivateFolder::~PrivateFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string PrivateFolder::Path(absl::string_view name) const {
  return absl::StrCat(path_, "/", name);
}

}  // namespace firstguess

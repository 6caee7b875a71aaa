#include "coordinator/listening.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

class Socket {
 public:
  explicit Socket(int family) : descriptor_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

absl::Status InUse(const Address& address) {
  return absl::UnavailableError(absl::StrCat(address.ToString(), " is in use by another program"));
}

absl::Status Unusable(const Address& address, int error) {
  const std::string words =
      absl::StrCat("can't listen at ", address.ToString(), ": ", std::strerror(error));
  if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(words);
  return absl::InvalidArgumentError(words);
}

absl::Status Bind(const Address& address, int family, const sockaddr* name, socklen_t length) {
  const Socket socket(family);
  const int on = 1;
  ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(socket.descriptor(), name, length) == 0) return absl::OkStatus();
  return errno == EADDRINUSE ? InUse(address) : Unusable(address, errno);
}

absl::Status PreparePort(const Address& address) {
  sockaddr_in v4 = {};
  if (::inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(static_cast<uint16_t>(address.port));
    return Bind(address, AF_INET, reinterpret_cast<sockaddr*>(&v4), sizeof(v4));
  }
  sockaddr_in6 v6 = {};
  ::inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(static_cast<uint16_t>(address.port));
  return Bind(address, AF_INET6, reinterpret_cast<sockaddr*>(&v6), sizeof(v6));
}

absl::Status PreparePath(const Address& address) {
  struct stat info = {};
  if (::lstat(address.path.c_str(), &info) != 0) {
    if (errno != ENOENT) return Unusable(address, errno);
  } else if (!S_ISSOCK(info.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat("can't listen at ", address.ToString(), ": there is a file of that name"));
  } else {
    sockaddr_un name = {};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, address.path.c_str(), address.path.size());
    const Socket socket(AF_UNIX);
    if (::connect(socket.descriptor(), reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0) {
      return InUse(address);
    }
    // Only a socket that nobody listens on refuses.
    if (errno != ECONNREFUSED) return Unusable(address, errno);
    if (::unlink(address.path.c_str()) != 0) return Unusable(address, errno);
  }
  const size_t slash = address.path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : address.path.substr(0, slash + 1);
  if (::access(folder.c_str(), W_OK | X_OK) != 0) return Unusable(address, errno);
  return absl::OkStatus();
}

}  // namespace

absl::Status PrepareToListen(const Address& address) {
  return address.is_unix() ? PreparePath(address) : PreparePort(address);
}

}  // namespace firstguess

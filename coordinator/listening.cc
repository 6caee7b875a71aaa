#include "coordinator/listening.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

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

// Where a socket is bound to.
struct Name {
  sockaddr_storage bytes = {};
  socklen_t length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
};

absl::StatusOr<Name> NameOf(const Address& address) {
  Name name;
  if (address.is_unix()) {
    auto* const unix_name = reinterpret_cast<sockaddr_un*>(&name.bytes);
    unix_name->sun_family = AF_UNIX;
    std::memcpy(unix_name->sun_path, address.path.c_str(), address.path.size());
    name.length = sizeof(*unix_name);
    return name;
  }
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&name.bytes);
  if (::inet_pton(AF_INET, address.host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(static_cast<uint16_t>(address.port));
    name.length = sizeof(*v4);
    return name;
  }
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&name.bytes);
  if (::inet_pton(AF_INET6, address.host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(static_cast<uint16_t>(address.port));
    name.length = sizeof(*v6);
    return name;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("can't listen at ", address.ToString(),
                   ": say the IP address of an interface, or 0.0.0.0 or [::] for all of them"));
}

absl::Status Bind(const Address& address, const Name& name, int descriptor) {
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(descriptor, name.get(), name.length) == 0) return absl::OkStatus();
  return errno == EADDRINUSE ? InUse(address) : Unusable(address, errno);
}

absl::Status PreparePort(const Address& address) {
  const absl::StatusOr<Name> name = NameOf(address);
  if (!name.ok()) return name.status();
  const Socket socket(name->bytes.ss_family);
  return Bind(address, *name, socket.descriptor());
}

absl::Status PreparePath(const Address& address) {
  struct stat info = {};
  if (::lstat(address.path.c_str(), &info) != 0) {
    if (errno != ENOENT) return Unusable(address, errno);
  } else if (!S_ISSOCK(info.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat("can't listen at ", address.ToString(), ": there is a file of that name"));
  } else {
    const absl::StatusOr<Name> name = NameOf(address);
    const Socket socket(AF_UNIX);
    if (::connect(socket.descriptor(), name->get(), name->length) == 0) {
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

absl::StatusOr<Listener> Listener::Open(const Address& address, bool for_everybody) {
  if (absl::Status status = PrepareToListen(address); !status.ok()) return status;
  const absl::StatusOr<Name> name = NameOf(address);
  if (!name.ok()) return name.status();
  Listener listener(address);
  const int family = name->bytes.ss_family;
  listener.descriptor_ = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int descriptor = listener.descriptor_;
  if (absl::Status status = Bind(address, *name, descriptor); !status.ok()) return status;
  if (family == AF_UNIX) {
    // Before anybody can connect.
    if (::chmod(address.path.c_str(), for_everybody ? 0666 : 0600) != 0) {
      return Unusable(address, errno);
    }
  } else {
    // Connections inherit it.
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  if (::listen(descriptor, SOMAXCONN) != 0) {
    return errno == EADDRINUSE ? InUse(address) : Unusable(address, errno);
  }
  Name bound;
  bound.length = sizeof(bound.bytes);
  if (family != AF_UNIX &&
      ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound.bytes), &bound.length) == 0) {
    // At the same place in both families.
    listener.address_.port = ntohs(reinterpret_cast<const sockaddr_in&>(bound.bytes).sin_port);
  }
  return listener;
}

Listener::~Listener() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  if (address_.is_unix()) ::unlink(address_.path.c_str());
}

Listener::Listener(Listener&& other) noexcept
    : address_(std::move(other.address_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

}  // namespace firstguess

#include "coordinator/entrance.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "common/clock.h"
#include "common/log.h"
#include "common/rpc/server_credentials.h"
#include "coordinator/service/authenticator.h"

namespace firstguess {
namespace {

// Descriptors that no connection gets: of the database, its readers, the log, the web servers.
constexpr int kKeptDescriptors = 64;

// When there are none left, this is the pause before the next try.
constexpr int kNoDescriptorsPauseMs = 100;

constexpr absl::Duration kComplainEvery = absl::Seconds(10);

int HighestDescriptor() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024 - kKeptDescriptors;
  const auto most = std::min<rlim_t>(limit.rlim_cur, 1 << 20);
  return std::max(static_cast<int>(most) - kKeptDescriptors, 2 * kKeptDescriptors);
}

// The address without its port, as bytes; empty for one of this machine.
std::string MachineOf(const sockaddr_storage& peer) {
  if (peer.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(peer);
    if ((ntohl(v4.sin_addr.s_addr) >> 24) == 127) return "";
    return std::string(reinterpret_cast<const char*>(&v4.sin_addr), sizeof(v4.sin_addr));
  }
  if (peer.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(peer);
    if (IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr)) return "";
    return std::string(reinterpret_cast<const char*>(&v6.sin6_addr), sizeof(v6.sin6_addr));
  }
  return "";
}

}  // namespace

absl::StatusOr<std::unique_ptr<Entrance>> Entrance::Open(Options options, CallGate* gate,
                                                         grpc::ServerBuilder* builder) {
  using Type = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
  const auto add = [&](const std::string& tls_folder, std::string door) {
    return builder->experimental().AddExternalConnectionAcceptor(
        Type::FROM_FD, MakeServerCredentials(tls_folder, gate, std::move(door)));
  };
  std::unique_ptr<Entrance> entrance(new Entrance);
  bool any_unix = false;
  bool any_tcp = false;
  for (const Address& address : options.addresses) {
    absl::StatusOr<Listener> listener =
        Listener::Open(address, options.tokens || options.unix_users.others_have_roles());
    if (!listener.ok()) return listener.status();
    entrance->listeners_.push_back(*std::move(listener));
    any_unix = any_unix || address.is_unix();
    any_tcp = any_tcp || !address.is_unix();
  }
  if (any_tcp) entrance->network_ = add(options.tls_folder, "");
  if (any_unix) {
    for (const UnixUsers::User& user : options.unix_users.users()) {
      entrance->users_.push_back(
          {.user = user.id, .acceptor = add("", Authenticator::DoorOf(user.caller))});
    }
    entrance->strangers_ = add("", Authenticator::DoorOfStrangers());
  }
  entrance->highest_descriptor_ = HighestDescriptor();
  entrance->stop_ = ::eventfd(0, EFD_CLOEXEC);
  return entrance;
}

Entrance::~Entrance() {
  if (thread_.joinable()) {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(stop_, &one, sizeof(one));
    thread_.join();
  }
  if (stop_ >= 0) ::close(stop_);
}

std::vector<Address> Entrance::addresses() const {
  std::vector<Address> addresses;
  for (const Listener& listener : listeners_) addresses.push_back(listener.address());
  return addresses;
}

void Entrance::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Entrance::Run() {
  std::vector<pollfd> polled;
  for (const Listener& listener : listeners_) {
    polled.push_back({.fd = listener.descriptor(), .events = POLLIN, .revents = 0});
  }
  polled.push_back({.fd = stop_, .events = POLLIN, .revents = 0});
  while (true) {
    if (::poll(polled.data(), polled.size(), -1) < 0) continue;
    if (polled.back().revents != 0) return;
    for (size_t i = 0; i < listeners_.size(); ++i) {
      if (polled[i].revents != 0) Accept(listeners_[i]);
    }
  }
}

void Entrance::Accept(const Listener& listener) {
  sockaddr_storage peer = {};
  socklen_t length = sizeof(peer);
  const int connection = ::accept4(listener.descriptor(), reinterpret_cast<sockaddr*>(&peer),
                                   &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (connection < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) {
    ::poll(nullptr, 0, kNoDescriptorsPauseMs);
  }
  if (connection < 0) return;
  const absl::Duration now = RealClock()->MonotonicNow();
  const std::string machine = MachineOf(peer);
  const bool too_many = connection > highest_descriptor_;
  if (too_many || (!machine.empty() && !rate_.Admit(machine, now))) {
    ::close(connection);
    if (now < complain_at_) return;
    complain_at_ = now + kComplainEvery;
    Log(LogLevel::kWarning, "connections are turned away",
        {{"why", too_many ? "no descriptors are left: raise the limit of open files"
                          : "too many a second from one machine"},
         {"at", listener.address().ToString()}});
    return;
  }
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters parameters;
  parameters.listener_fd = listener.descriptor();
  parameters.fd = connection;
  AcceptorFor(listener, connection)->HandleNewConnection(&parameters);
}

Entrance::Acceptor* Entrance::AcceptorFor(const Listener& listener, int connection) {
  if (!listener.address().is_unix()) return network_.get();
  ucred peer = {};
  socklen_t length = sizeof(peer);
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0) {
    for (const Door& door : users_) {
      if (door.user == peer.uid) return door.acceptor.get();
    }
  }
  return strangers_.get();
}

}  // namespace firstguess

#include "tests/cluster/loopback_proxy.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "gtest/gtest.h"

namespace firstguess {
namespace {

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  EXPECT_LT(path.size(), sizeof(address.sun_path));
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

int Listen(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const sockaddr_un address = AddressOf(path);
  EXPECT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(listen(fd, 16), 0);
  return fd;
}

}  // namespace

LoopbackProxy::LoopbackProxy(const std::string& path, const std::string& target)
    : path_(path), target_(target), listener_(Listen(path)) {
  EXPECT_EQ(pipe2(wake_.data(), O_CLOEXEC | O_NONBLOCK), 0);
  thread_ = std::thread([this] { Run(); });
}

LoopbackProxy::~LoopbackProxy() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  Wake();
  thread_.join();
  Cut();
  close(listener_);
  for (const int fd : wake_) close(fd);
}

void LoopbackProxy::Wake() { EXPECT_EQ(write(wake_[1], "", 1), 1); }

void LoopbackProxy::Hold(Direction direction) {
  MutexLock lock(&mutex_);
  held_[direction] = true;
}

void LoopbackProxy::Release(Direction direction) {
  {
    MutexLock lock(&mutex_);
    held_[direction] = false;
  }
  Wake();
}

void LoopbackProxy::PassInPiecesOf(size_t bytes) {
  MutexLock lock(&mutex_);
  piece_ = bytes;
}

void LoopbackProxy::Cut() {
  MutexLock lock(&mutex_);
  for (Connection& connection : connections_) Close(connection);
  connections_.clear();
  Wake();
}

void LoopbackProxy::CutAfter(Direction direction, int64_t bytes) {
  MutexLock lock(&mutex_);
  left_[direction] = bytes;
}

void LoopbackProxy::HalfClose(Direction direction) {
  MutexLock lock(&mutex_);
  for (Connection& connection : connections_) {
    connection.ended[direction] = true;
    shutdown(connection.ends[1 - direction], SHUT_WR);
  }
}

int64_t LoopbackProxy::connections() {
  MutexLock lock(&mutex_);
  return accepted_;
}

int64_t LoopbackProxy::open() {
  MutexLock lock(&mutex_);
  return static_cast<int64_t>(connections_.size());
}

void LoopbackProxy::Close(Connection& connection) {
  for (const int fd : connection.ends) close(fd);
}

void LoopbackProxy::Accept() {
  const int worker = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (worker < 0) return;
  ++accepted_;
  const int coordinator = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = AddressOf(target_);
  if (connect(coordinator, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(worker);
    close(coordinator);
    return;
  }
  fcntl(coordinator, F_SETFL, O_NONBLOCK);
  connections_.push_back({.ends = {worker, coordinator}, .waiting = {}});
}

bool LoopbackProxy::Move(Connection& connection, Direction direction, bool readable,
                         bool writable) {
  std::string& waiting = connection.waiting[direction];
  if (readable && waiting.empty() && !connection.ended[direction]) {
    waiting.resize(piece_);
    const ssize_t n = read(connection.ends[direction], waiting.data(), waiting.size());
    waiting.resize(n > 0 ? static_cast<size_t>(n) : 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return false;
  }
  if (!writable || waiting.empty()) return true;
  size_t size = std::min(waiting.size(), piece_);
  int64_t& left = left_[direction];
  if (left >= 0) size = std::min(size, static_cast<size_t>(left));
  const ssize_t n =
      size == 0 ? 0 : send(connection.ends[1 - direction], waiting.data(), size, MSG_NOSIGNAL);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  waiting.erase(0, static_cast<size_t>(n));
  if (left < 0) return true;
  left -= n;
  if (left > 0) return true;
  left = -1;
  return false;
}

void LoopbackProxy::Run() {
  for (;;) {
    std::vector<pollfd> polled = {{listener_, POLLIN, 0}, {wake_[0], POLLIN, 0}};
    {
      MutexLock lock(&mutex_);
      if (stopping_) return;
      for (const Connection& connection : connections_) {
        for (const Direction direction : {kUp, kDown}) {
          const bool held = held_[direction] || connection.ended[direction];
          const bool full = !connection.waiting[direction].empty();
          // A descriptor that is of no interest is not even watched for its end.
          polled.push_back({held || full ? -1 : connection.ends[direction], POLLIN, 0});
          polled.push_back({held || !full ? -1 : connection.ends[1 - direction], POLLOUT, 0});
        }
      }
    }
    poll(polled.data(), polled.size(), -1);
    MutexLock lock(&mutex_);
    char woken[64];
    while (read(wake_[0], woken, sizeof(woken)) > 0) {
    }
    const auto ready = [&](int fd, short events) {
      return std::any_of(polled.begin(), polled.end(), [&](const pollfd& one) {
        return one.fd == fd && (one.events & events) != 0 && one.revents != 0;
      });
    };
    for (auto connection = connections_.begin(); connection != connections_.end();) {
      bool goes_on = true;
      for (const Direction direction : {kUp, kDown}) {
        if (held_[direction] || !goes_on) continue;
        goes_on = Move(*connection, direction, ready(connection->ends[direction], POLLIN),
                       ready(connection->ends[1 - direction], POLLOUT) ||
                           connection->waiting[direction].empty());
      }
      if (goes_on) {
        ++connection;
        continue;
      }
      Close(*connection);
      connection = connections_.erase(connection);
    }
    if (polled[0].revents != 0) Accept();
  }
}

}  // namespace firstguess

#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/address.h"

namespace firstguess {

// A socket that listens. Movable.
class Listener {
 public:
  // A unix socket is for its owner alone, unless `for_everybody`: then the kernel's word for who is
  // there has to do. Errors: of PrepareToListen.
  static absl::StatusOr<Listener> Open(const Address& address, bool for_everybody);
  // A unix socket's file goes too.
  ~Listener();
  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&&) = delete;

  // With the port that it got.
  const Address& address() const { return address_; }
  int descriptor() const { return descriptor_; }

 private:
  explicit Listener(const Address& address) : address_(address) {}

  Address address_;
  int descriptor_ = -1;
};

// Whether this process can listen at `address`. A unix socket that a dead process left over is
// removed. Unavailable, naming the address: another program listens there. PermissionDenied,
// InvalidArgument: the address or the path can't be used; a name, which is no address of
// an interface.
absl::Status PrepareToListen(const Address& address);

}  // namespace firstguess

#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/address.h"
#include "common/rpc/call_gate.h"
#include "coordinator/connection_rate.h"
#include "coordinator/listening.h"
#include "coordinator/unix_users.h"
#include "grpcpp/server_builder.h"

namespace firstguess {

// Where connections come in. The sockets are ours, not gRPC's, so that a connection is looked at
// before gRPC has any work with it:
//
//  - on a unix socket the kernel says which user is there (SO_PEERCRED); each user with a role has
//    a door of its own (CallHead::door), all others share one;
//  - from other machines so many a second are taken (connection_rate.h);
//  - none is taken when descriptors run out: some are kept for the database and the log.
//
// One thread accepts, on all of them.
class Entrance {
 public:
  struct Options {
    std::vector<Address> addresses;
    std::string tls_folder = "";  // of TCP connections; empty: they are plain
    UnixUsers unix_users;
    bool tokens = false;  // other users of this machine may have one
  };

  // Listens at the addresses, and adds the doors to `builder`. `gate` outlives the server. Errors:
  // of OpenListener.
  static absl::StatusOr<std::unique_ptr<Entrance>> Open(Options options, CallGate* gate,
                                                        grpc::ServerBuilder* builder);
  // Closes the sockets; connections stay.
  ~Entrance();
  Entrance(const Entrance&) = delete;
  Entrance& operator=(const Entrance&) = delete;

  // Once the server is started.
  void Start();

  // With the ports that it got.
  std::vector<Address> addresses() const;

 private:
  using Acceptor = grpc::experimental::ExternalConnectionAcceptor;
  struct Door {
    uid_t user = 0;
    std::unique_ptr<Acceptor> acceptor;
  };

  Entrance() = default;
  void Run();
  void Accept(const Listener& listener);
  Acceptor* AcceptorFor(const Listener& listener, int connection);

  std::vector<Listener> listeners_;
  std::unique_ptr<Acceptor> network_;
  std::vector<Door> users_;
  std::unique_ptr<Acceptor> strangers_;
  ConnectionRate rate_;
  int highest_descriptor_ = 0;
  absl::Duration complain_at_;
  int stop_ = -1;  // an eventfd
  std::thread thread_;
};

}  // namespace firstguess

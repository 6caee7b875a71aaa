#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/notify/places.h"

namespace firstguess {

// A whole coordinator in this process: store, state machine and both gRPC services. The
// `firstguess-coordinator` binary is one of these with flags; `firstguess run` embeds one.
// Thread-safe.
class Coordinator {
 public:
  // Who is let in; SECURITY.md says whom to trust with what.
  struct Security {
    std::string tls_folder = "";               // common/rpc/tls_folder.h; empty: plain TCP
    std::string tokens_file = "";              // service/token_book.h; empty: nobody is asked
    std::vector<std::string> unix_users = {};  // unix_users.h: "alice=submitter"
    bool insecure_network = false;             // whoever reaches a port is an admin
    absl::Duration handshake_timeout = absl::Seconds(10);
    bool audit = true;  // a line for each call that changes something
  };
  struct Options {
    std::string database;  // path; created if missing
    // "127.0.0.1:7171", "[::1]:0", "unix:/path". Others than loopback and unix sockets need TLS.
    std::vector<std::string> listen;
    Security security = {};
    // A worker that is silent for so long loses its leases; six heartbeats fall into it.
    absl::Duration lease = absl::Seconds(30);
    Clock* clock = RealClock();
    // Where /metrics, /healthz and /readyz are served over HTTP, on loopback; empty: nowhere.
    std::string metrics = "";
    // Where the dashboard is, beside the same pages; likewise. One with a token file
    // (web/web_token.h) also pauses, resumes and cancels.
    std::string web = "";
    std::string web_token_file = "";
    // Whom to tell of sweeps that end.
    NotifyPlaces on_sweep_finish = {};
    // For fault tests: SQLite's VFS by name; empty: the default one.
    std::string vfs = "";
  };

  // Opens the database, restores what was open, and listens. Errors: those of Store::Open;
  // InvalidArgument (an address that needs TLS, a webhook that is no URL); Unavailable (an address
  // in use, named); of the files of `security` and of the web token.
  static absl::StatusOr<std::unique_ptr<Coordinator>> Start(Options options);

  virtual ~Coordinator() = default;

  // The addresses it listens on, ports filled in.
  virtual const std::vector<std::string>& addresses() const = 0;

  // Where /metrics is served, the port filled in; empty: nowhere.
  virtual const std::string& metrics_address() const = 0;

  // Where the dashboard is, likewise.
  virtual const std::string& web_address() const = 0;

  // Applies what the clock has made due (lease expiries, retries) and returns when that is done.
  // For clocks that are moved by hand; with a real one it happens by itself.
  virtual void RunDue() = 0;

  // Calls `callback` on the state machine's thread, once what was posted before is applied. It must
  // not block. Never called if that thread hangs.
  virtual void WhenTurned(std::function<void()> callback) = 0;

  // Stops granting, gives workers `grace` to deliver results in flight, commits them, closes.
  virtual void Shutdown(absl::Duration grace) = 0;

  // Set once the database failed for good; the process should exit with 1.
  virtual absl::Status fatal() const = 0;
};

}  // namespace firstguess

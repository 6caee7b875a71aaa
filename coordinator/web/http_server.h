#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/address.h"

namespace firstguess {

// Answers GET at a few paths, over HTTP/1.1, to programs and people of this machine: pages of
// numbers, nothing that changes anything. It keeps itself small: two threads, a bounded queue of
// connections, short time-outs, requests without a body. A browser that was led here under another
// host's name is refused. Thread-safe.
class HttpServer {
 public:
  struct Answer {
    int code = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
  };
  struct Page {
    std::string path;
    // Called on the server's threads, possibly two at a time.
    std::function<Answer()> answer;
  };

  // Listens at a loopback port; 0: any. InvalidArgument: a unix socket. Unavailable: the port is
  // taken.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const Address& address,
                                                           std::vector<Page> pages);

  // Ends once the answers under way are sent, or their time is over.
  virtual ~HttpServer() = default;

  // Where it listens, the port filled in.
  virtual const std::string& address() const = 0;
};

}  // namespace firstguess

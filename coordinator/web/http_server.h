#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/address.h"

namespace firstguess {

// Answers at a few paths, over HTTP/1.1, to programs and people of this machine. It keeps itself
// small: a few threads, a bounded queue of connections, short time-outs, short bodies, one answer a
// connection. What a browser sends that was led here under another host's name, or by another
// site's page, is refused; pages may load nothing but what this server has. Thread-safe.
class HttpServer {
 public:
  struct Request {
    std::map<std::string, std::string> parameters;  // ?name=value
    std::string authorization;                      // the header
    std::string body;                               // of a POST
  };
  struct Answer {
    int code = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
    // A browser may keep it and ask whether it is still so.
    bool may_be_kept = false;
  };
  struct Page {
    std::string path;
    // Called on the server's threads, several at a time.
    std::function<Answer(const Request&)> answer;
    // Answered to POST with a JSON body alone; else to GET alone.
    bool is_post = false;
  };

  // Listens at a loopback port; 0: any. InvalidArgument: any other address. Unavailable: the port
  // is taken.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const Address& address,
                                                           std::vector<Page> pages);

  // Ends once the answers under way are sent, or their time is over.
  virtual ~HttpServer() = default;

  // Where it listens, the port filled in.
  virtual const std::string& address() const = 0;
};

}  // namespace firstguess

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <thread>

#include "common/mutex.h"

namespace firstguess {

// A network between workers and a coordinator, over unix sockets, that does what networks do: is
// slow, silent in one direction or both, cut at any byte, closed on one side. Nothing happens by
// the clock: what is held is passed on when the test says so.
//
// Thread-safe.
class LoopbackProxy {
 public:
  enum Direction { kUp, kDown };  // to the coordinator, to the worker

  // Accepts connections at `path` and makes one to `target` for each.
  LoopbackProxy(const std::string& path, const std::string& target);
  ~LoopbackProxy();

  // For a channel.
  std::string address() const { return "unix:" + path_; }

  // Of this and later connections: bytes wait, until Release.
  void Hold(Direction direction);
  void Release(Direction direction);
  // Nothing is read or written in pieces larger than this.
  void PassInPiecesOf(size_t bytes);

  // Ends the connections that there are. What is under way is lost.
  void Cut();
  // The next connection to pass so many more bytes in this direction is cut there and then.
  void CutAfter(Direction direction, int64_t bytes);
  // The connections that there are end in this direction only, behind what was passed on.
  void HalfClose(Direction direction);

  int64_t connections();  // so far
  int64_t open();         // now

 private:
  // One connection: `ends[kUp]` is the worker's end, from which bytes go up.
  struct Connection {
    std::array<int, 2> ends = {-1, -1};
    std::array<std::string, 2> waiting;  // by direction
    std::array<bool, 2> ended = {false, false};
  };

  void Run();
  void Accept() REQUIRES(mutex_);
  // False if the connection is over.
  bool Move(Connection& connection, Direction direction, bool readable, bool writable)
      REQUIRES(mutex_);
  static void Close(Connection& connection);
  void Wake();

  const std::string path_;
  const std::string target_;
  const int listener_;
  std::array<int, 2> wake_ = {-1, -1};
  std::thread thread_;

  Mutex mutex_;
  std::list<Connection> connections_ GUARDED_BY(mutex_);
  std::array<bool, 2> held_ GUARDED_BY(mutex_) = {false, false};
  std::array<int64_t, 2> left_ GUARDED_BY(mutex_) = {-1, -1};  // bytes until the cut; -1: no cut
  size_t piece_ GUARDED_BY(mutex_) = size_t{1} << 16;
  int64_t accepted_ GUARDED_BY(mutex_) = 0;
  bool stopping_ GUARDED_BY(mutex_) = false;
};

}  // namespace firstguess

#pragma once

namespace firstguess {

// Lets this process, and those that it starts, have as many files and sockets open as the system's
// hard limit allows. The usual soft limit, 1024, is meant for programs that call select(). To be
// called by servers that hold a socket for each of many peers, before they start threads.
void RaiseOpenFileLimit();

}  // namespace firstguess

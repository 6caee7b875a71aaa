#pragma once

#include <string>

namespace firstguess {

// Who reads the database now and so keeps its write-ahead log from being used anew, in words:
// "query for 41s; process 123 (sqlite3)". Readers of this process by what they are, other processes
// by their names; empty if there are none. Reads /proc: for now and then.
std::string LogReaders(const std::string& database_path);

}  // namespace firstguess

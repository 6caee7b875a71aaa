#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace firstguess {

// Who reads the database now and so keeps its write-ahead log from being used anew, in words:
// "query for 41s; process 123 (sqlite3)". Readers of this process by what they are, those of
// other processes as the system knows them; empty if there are none. Reads /proc: for now and then.
std::string LogReaders(const std::string& database_path);

// The processes other than `own` that hold a reader's lock on the log's index, from the text of
// /proc/locks: "process 123 (sqlite3)" each, joined by "; ".
std::string ReadingProcesses(absl::string_view locks, unsigned long index_inode, int own);

}  // namespace firstguess

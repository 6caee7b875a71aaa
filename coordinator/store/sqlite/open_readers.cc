#include "coordinator/store/sqlite/open_readers.h"

#include <sys/stat.h>

#include <chrono>
#include <list>
#include <mutex>
#include <utility>

namespace firstguess::sqlite {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct FileId {
  dev_t device = 0;
  ino_t inode = 0;

  bool operator==(const FileId&) const = default;
};

FileId IdOf(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino};
}

struct Listed {
  const OpenReader* reader = nullptr;
  FileId file;
  std::string what;
  SteadyClock::time_point since;
};

struct List {
  std::mutex mutex;
  std::list<Listed> readers;  // the oldest first; under mutex
};

List& TheList() {
  static List* const list = new List;
  return *list;
}

}  // namespace

OpenReader::OpenReader(const std::string& path, absl::string_view what) {
  List& list = TheList();
  Listed listed = {this, IdOf(path), std::string(what), SteadyClock::now()};
  const std::lock_guard<std::mutex> lock(list.mutex);
  list.readers.push_back(std::move(listed));
}

OpenReader::~OpenReader() {
  List& list = TheList();
  const std::lock_guard<std::mutex> lock(list.mutex);
  list.readers.remove_if([this](const Listed& listed) { return listed.reader == this; });
}

std::vector<ReaderAge> OpenReadersOf(const std::string& path) {
  const FileId file = IdOf(path);
  const SteadyClock::time_point now = SteadyClock::now();
  List& list = TheList();
  std::vector<ReaderAge> found;
  const std::lock_guard<std::mutex> lock(list.mutex);
  for (const Listed& listed : list.readers) {
    if (listed.file == file) {
      found.push_back({listed.what, absl::FromChrono(now - listed.since)});
    }
  }
  return found;
}

}  // namespace firstguess::sqlite

#include "common/log.h"

#include <algorithm>
#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/audit_log.h"
#include "common/mutex.h"

namespace firstguess {
namespace {

struct Sink {
  Mutex mutex;
  LogLevel level GUARDED_BY(mutex) = LogLevel::kInfo;
  std::FILE* file GUARDED_BY(mutex) = stderr;
};

Sink& GlobalSink() {
  static Sink* const sink = new Sink;
  return *sink;
}

absl::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "DEBUG";
    case LogLevel::kInfo:
      return "INFO";
    case LogLevel::kWarning:
      return "WARNING";
    case LogLevel::kError:
      return "ERROR";
  }
  return "INFO";
}

bool IsPlain(char c) {
  return absl::ascii_isgraph(static_cast<unsigned char>(c)) ? c != '"' && c != '\\' && c != '='
                                                            : (c & 0x80) != 0;
}

// UTF-8 stays readable.
std::string Quoted(absl::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), IsPlain)) return std::string(text);
  return absl::StrCat("\"", absl::Utf8SafeCEscape(text), "\"");
}

void WriteLine(absl::string_view level, absl::string_view event,
               std::initializer_list<LogField> fields) {
  Sink& sink = GlobalSink();
  std::string line =
      absl::StrCat(absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone()), " ",
                   level, " ", event);
  for (const LogField& field : fields) {
    absl::StrAppend(&line, " ", field.key, "=", Quoted(field.text));
  }
  line += '\n';
  MutexLock lock(&sink.mutex);
  std::fwrite(line.data(), 1, line.size(), sink.file);
  std::fflush(sink.file);
}

}  // namespace

void Log(LogLevel level, absl::string_view event, std::initializer_list<LogField> fields) {
  Sink& sink = GlobalSink();
  {
    MutexLock lock(&sink.mutex);
    if (level < sink.level) return;
  }
  WriteLine(LevelName(level), event, fields);
}

void LogAudit(absl::string_view event, std::initializer_list<LogField> fields) {
  WriteLine("AUDIT", event, fields);
}

void SetLogLevel(LogLevel level) {
  Sink& sink = GlobalSink();
  MutexLock lock(&sink.mutex);
  sink.level = level;
}

bool SetLogFile(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "a");
  if (file == nullptr) return false;
  Sink& sink = GlobalSink();
  MutexLock lock(&sink.mutex);
  if (sink.file != stderr) std::fclose(sink.file);
  sink.file = file;
  return true;
}

}  // namespace firstguess

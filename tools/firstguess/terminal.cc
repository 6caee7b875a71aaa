#include "tools/firstguess/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

constexpr size_t kBufferBytes = 32 * 1024;
constexpr int kUnknownTerminalWidth = 80;

// A dumb terminal can neither redraw a line nor colour it: it is treated as a pipe.
bool CanRedraw(int descriptor) {
  const char* kind = std::getenv("TERM");
  const bool dumb = kind == nullptr || *kind == '\0' || std::strcmp(kind, "dumb") == 0;
  return !dumb && ::isatty(descriptor) == 1;
}

// https://no-color.org: set and not empty means no.
bool ColoursWanted() {
  const char* value = std::getenv("NO_COLOR");
  return value == nullptr || *value == '\0';
}

}  // namespace

DescriptorTerminal::DescriptorTerminal(int descriptor)
    : descriptor_(descriptor),
      is_terminal_(CanRedraw(descriptor)),
      colours_(is_terminal_ && ColoursWanted()) {}

DescriptorTerminal::~DescriptorTerminal() { Flush(); }

void DescriptorTerminal::Write(absl::string_view text) {
  if (closed_ || !status_.ok()) return;
  buffer_.append(text.data(), text.size());
  if (is_terminal_ || buffer_.size() >= kBufferBytes) Flush();
}

void DescriptorTerminal::Flush() {
  absl::string_view rest = buffer_;
  while (!rest.empty() && !closed_ && status_.ok()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EPIPE) {
      closed_ = true;
    } else if (errno != EINTR) {
      status_ = absl::InternalError(
          absl::StrCat("the output could not be written: ", std::strerror(errno)));
    }
  }
  buffer_.clear();
}

int DescriptorTerminal::width() const {
  if (!is_terminal_) return 0;
  winsize size{};
  if (::ioctl(descriptor_, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    return kUnknownTerminalWidth;
  }
  return size.ws_col;
}

std::string Styled(const Terminal& terminal, Style style, absl::string_view text) {
  if (!terminal.colours()) return std::string(text);
  const char* code = "";
  switch (style) {
    case Style::kBold:
      code = "1";
      break;
    case Style::kDim:
      code = "2";
      break;
    case Style::kRed:
      code = "31";
      break;
    case Style::kGreen:
      code = "32";
      break;
    case Style::kYellow:
      code = "33";
      break;
  }
  return absl::StrCat("\x1b[", code, "m", text, "\x1b[0m");
}

}  // namespace firstguess

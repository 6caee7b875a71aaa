#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace firstguess {

// One output stream as a person or a pipe sees it. Writing never fails aloud: a reader that went
// away and a full disk are remembered, and later text is dropped.
//
// Thread-compatible.
class Terminal {
 public:
  virtual ~Terminal() = default;

  // Buffered until Flush, unless a person is watching.
  virtual void Write(absl::string_view text) = 0;
  virtual void Flush() = 0;

  // A person is watching: lines may be redrawn.
  virtual bool is_terminal() const = 0;
  // Columns to fit into; 0: any number.
  virtual int width() const = 0;
  // Escape sequences for colour are welcome.
  virtual bool colours() const = 0;

  // The reader closed its end. Commands stop and end with 0.
  virtual bool closed() const = 0;
  // Why the text could not be written, if it could not. OK for a closed pipe.
  virtual absl::Status status() const = 0;
};

// A Terminal on a file descriptor that stays the caller's. The process must ignore SIGPIPE.
class DescriptorTerminal final : public Terminal {
 public:
  explicit DescriptorTerminal(int descriptor);
  ~DescriptorTerminal() override;

  void Write(absl::string_view text) override;
  void Flush() override;
  bool is_terminal() const override { return is_terminal_; }
  int width() const override;
  bool colours() const override { return colours_; }
  bool closed() const override { return closed_; }
  absl::Status status() const override { return status_; }

 private:
  const int descriptor_;
  const bool is_terminal_;
  const bool colours_;
  bool closed_ = false;
  absl::Status status_;
  std::string buffer_;
};

enum class Style { kBold, kDim, kRed, kGreen, kYellow };

// `text` in that style where the terminal has colours, plain elsewhere.
std::string Styled(const Terminal& terminal, Style style, absl::string_view text);

}  // namespace firstguess

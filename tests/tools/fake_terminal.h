#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "tools/firstguess/terminal.h"

namespace firstguess {

// A terminal that remembers what was written. A pipe unless told otherwise.
class FakeTerminal final : public Terminal {
 public:
  void Write(absl::string_view written) override {
    if (!closed_) text.append(written.data(), written.size());
  }
  void Flush() override {}
  bool is_terminal() const override { return terminal_width > 0; }
  int width() const override { return terminal_width; }
  bool colours() const override { return with_colours; }
  bool closed() const override { return closed_; }
  absl::Status status() const override { return absl::OkStatus(); }

  void Close() { closed_ = true; }

  // What was written since the last call.
  std::string Take() { return std::exchange(text, ""); }

  std::string text;
  int terminal_width = 0;  // above 0: a person is watching
  bool with_colours = false;

 private:
  bool closed_ = false;
};

}  // namespace firstguess

#include "tools/firstguess/progress.h"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/wrapped.h"

namespace firstguess {
namespace {

constexpr absl::Duration kRedrawInterval = absl::Milliseconds(100);
constexpr absl::Duration kPlainInterval = absl::Seconds(10);
constexpr absl::Duration kJsonInterval = absl::Milliseconds(200);
constexpr int kBarWidth = 24;
constexpr int kUnknownWidth = 80;
// More would not fit into a small window, and what scrolled away can't be redrawn.
constexpr size_t kMostLines = 16;

std::string Bar(const SweepNumbers& numbers) {
  const double share = numbers.cells == 0 ? 1.0
                                          : static_cast<double>(numbers.ended()) /
                                                static_cast<double>(numbers.cells);
  const int full = std::clamp(static_cast<int>(share * kBarWidth), 0, kBarWidth);
  return absl::StrCat("[", std::string(static_cast<size_t>(full), '='),
                      std::string(static_cast<size_t>(kBarWidth - full), ' '), "]");
}

class LineProgress final : public Progress {
 public:
  LineProgress(Terminal* terminal, Clock* clock) : terminal_(terminal), clock_(clock) {}

  void Update(const Watched& watched) override {
    latest_ = watched;
    const absl::Duration now = clock_->MonotonicNow();
    if (drawn_at_.has_value() && now - *drawn_at_ < kRedrawInterval) return;
    drawn_at_ = now;
    Draw();
  }

  void Note(absl::string_view text) override {
    terminal_->Write(absl::StrCat(Erase(), text, "\n"));
    lines_drawn_ = 0;
    if (latest_.has_value()) Draw();
  }

  void Finish() override {
    if (!latest_.has_value()) return;
    Draw();
    terminal_->Write("\n");
    latest_.reset();
  }

 private:
  // Puts the cursor where the first line began, with nothing behind it. A terminal whose width
  // changed may have broken the lines anew: those above the last one stay then.
  std::string Erase() const {
    const bool same_width = terminal_->width() == width_drawn_;
    if (lines_drawn_ <= 1 || !same_width) return "\r\x1b[J";
    return absl::StrCat("\r\x1b[", lines_drawn_ - 1, "A\x1b[J");
  }

  std::vector<std::string> Lines() const {
    // The last column stays free: some terminals wrap as soon as it is written.
    const int width =
        std::max(1, (terminal_->width() > 0 ? terminal_->width() : kUnknownWidth) - 1);
    std::vector<std::string> lines;
    const auto add = [&](absl::string_view text) {
      for (const std::string& line : Wrapped(text, width)) lines.push_back(Shortened(line, width));
    };
    for (const SweepNumbers& sweep : latest_->sweeps) {
      const std::string text = ProgressLine(sweep);
      const std::string bar = absl::StrCat(Bar(sweep), " ");
      if (DisplayWidth(bar) + DisplayWidth(text) <= width) {
        lines.push_back(absl::StrCat(Styled(*terminal_, Style::kGreen, bar), text));
      } else {
        add(text);
      }
    }
    if (latest_->around.has_value()) {
      for (const std::string& text : AroundLines(*latest_->around)) add(text);
    }
    if (lines.size() > kMostLines) lines.resize(kMostLines);
    return lines;
  }

  void Draw() {
    const std::vector<std::string> lines = Lines();
    terminal_->Write(absl::StrCat(Erase(), absl::StrJoin(lines, "\n")));
    terminal_->Flush();
    lines_drawn_ = lines.size();
    width_drawn_ = terminal_->width();
  }

  Terminal* const terminal_;
  Clock* const clock_;
  std::optional<Watched> latest_;
  std::optional<absl::Duration> drawn_at_;
  size_t lines_drawn_ = 0;
  int width_drawn_ = 0;
};

class PlainProgress final : public Progress {
 public:
  PlainProgress(Terminal* terminal, Clock* clock) : terminal_(terminal), clock_(clock) {}

  void Update(const Watched& watched) override {
    latest_ = watched;
    const absl::Duration now = clock_->MonotonicNow();
    for (const SweepNumbers& sweep : watched.sweeps) {
      Written& written = written_[sweep.name];
      const int64_t tenth = sweep.cells == 0 ? 10 : sweep.ended() * 10 / sweep.cells;
      const bool due =
          !written.at.has_value() || tenth > written.tenth || now - *written.at >= kPlainInterval;
      if (!due) continue;
      written.tenth = tenth;
      written.at = now;
      WriteSweep(sweep);
    }
    WriteAround();
  }

  void Note(absl::string_view text) override {
    terminal_->Write(absl::StrCat(text, "\n"));
    terminal_->Flush();
  }

  void Finish() override {
    if (!latest_.has_value()) return;
    for (const SweepNumbers& sweep : latest_->sweeps) WriteSweep(sweep);
    WriteAround();
    latest_.reset();
  }

 private:
  // The last that was written of a sweep.
  struct Written {
    std::string line;
    std::optional<absl::Duration> at;
    int64_t tenth = 0;
  };

  void WriteSweep(const SweepNumbers& sweep) {
    std::string line = ProgressLine(sweep);
    if (line == written_[sweep.name].line) return;
    Note(line);
    written_[sweep.name].line = std::move(line);
  }

  void WriteAround() {
    if (!latest_->around.has_value() || latest_->around == around_written_) return;
    around_written_ = latest_->around;
    for (const std::string& line : AroundLines(*around_written_)) Note(line);
  }

  Terminal* const terminal_;
  Clock* const clock_;
  std::optional<Watched> latest_;
  std::map<std::string, Written> written_;
  std::optional<Watched::Around> around_written_;
};

class JsonProgress final : public Progress {
 public:
  JsonProgress(Terminal* terminal, Clock* clock) : terminal_(terminal), clock_(clock) {}

  void Update(const Watched& watched) override {
    latest_ = watched;
    const absl::Duration now = clock_->MonotonicNow();
    if (written_at_.has_value() && now - *written_at_ < kJsonInterval) return;
    written_at_ = now;
    WriteLatest();
  }

  void Note(absl::string_view text) override {
    const nlohmann::ordered_json event = {{"event", "note"}, {"text", std::string(text)}};
    WriteLine(event);
  }

  void Finish() override {
    if (latest_.has_value()) WriteLatest();
    latest_.reset();
  }

 private:
  void WriteLatest() {
    nlohmann::ordered_json around = {{"workers", nullptr}, {"failures", nullptr}};
    if (latest_->around.has_value()) {
      around = {{"workers", latest_->around->workers}, {"failures", latest_->around->failures}};
    }
    for (const SweepNumbers& sweep : latest_->sweeps) {
      nlohmann::ordered_json event = {{"event", "progress"}};
      event.update(ToJson(sweep));
      event.update(around);
      std::string line = JsonText(event);
      if (written_[sweep.name] == line) continue;
      terminal_->Write(line + "\n");
      written_[sweep.name] = std::move(line);
    }
    terminal_->Flush();
  }

  void WriteLine(const nlohmann::ordered_json& event) {
    terminal_->Write(JsonText(event) + "\n");
    terminal_->Flush();
  }

  Terminal* const terminal_;
  Clock* const clock_;
  std::optional<Watched> latest_;
  std::map<std::string, std::string> written_;
  std::optional<absl::Duration> written_at_;
};

}  // namespace

std::unique_ptr<Progress> MakeLineProgress(Terminal* terminal, Clock* clock) {
  return std::make_unique<LineProgress>(terminal, clock);
}

std::unique_ptr<Progress> MakePlainProgress(Terminal* terminal, Clock* clock) {
  return std::make_unique<PlainProgress>(terminal, clock);
}

std::unique_ptr<Progress> MakeJsonProgress(Terminal* terminal, Clock* clock) {
  return std::make_unique<JsonProgress>(terminal, clock);
}

std::unique_ptr<Progress> MakeProgress(Terminal* terminal, Clock* clock, bool json) {
  if (json) return MakeJsonProgress(terminal, clock);
  if (terminal->is_terminal()) return MakeLineProgress(terminal, clock);
  return MakePlainProgress(terminal, clock);
}

}  // namespace firstguess

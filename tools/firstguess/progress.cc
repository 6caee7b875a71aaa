#include "tools/firstguess/progress.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/json_text.h"

namespace firstguess {
namespace {

constexpr absl::Duration kRedrawInterval = absl::Milliseconds(100);
constexpr absl::Duration kPlainInterval = absl::Seconds(10);
constexpr absl::Duration kJsonInterval = absl::Milliseconds(200);
constexpr int kBarWidth = 24;
constexpr int kUnknownWidth = 80;

// What follows the count: rate, time left, how many are in training, or why nothing is.
std::string Pace(const SweepNumbers& numbers) {
  std::vector<std::string> parts;
  if (numbers.failed > 0) parts.push_back(absl::StrCat(FormatCount(numbers.failed), " failed"));
  if (!numbers.all_ended()) {
    if (numbers.trials_per_second > 0) parts.push_back(FormatRate(numbers.trials_per_second));
    if (numbers.remaining_seconds.has_value()) {
      const absl::Duration left = absl::Seconds(*numbers.remaining_seconds);
      parts.push_back(absl::StrCat("ETA ", DurationInWords(left)));
    }
    if (numbers.leased > 0) {
      parts.push_back(absl::StrCat(FormatCount(numbers.leased), " in training"));
    } else if (!numbers.waiting_reason.empty()) {
      parts.push_back(absl::StrCat("waiting: ", numbers.waiting_reason));
    }
  }
  return absl::StrJoin(parts, ", ");
}

std::string Counted(const SweepNumbers& numbers) {
  return absl::StrCat(FormatCount(numbers.ended()), "/", FormatCountOf(numbers.cells, "trial"),
                      ", ", FormatPercent(numbers.ended(), numbers.cells));
}

std::string WholeLine(const SweepNumbers& numbers) {
  const std::string pace = Pace(numbers);
  return absl::StrCat(numbers.name, ": ", Counted(numbers), pace.empty() ? "" : ", ", pace);
}

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

  void Update(const SweepNumbers& numbers) override {
    latest_ = numbers;
    const absl::Duration now = clock_->MonotonicNow();
    if (drawn_at_.has_value() && now - *drawn_at_ < kRedrawInterval) return;
    drawn_at_ = now;
    Draw();
  }

  void Note(absl::string_view text) override {
    terminal_->Write(absl::StrCat(kEraseLine, text, "\n"));
    if (latest_.has_value()) Draw();
  }

  void Finish() override {
    if (!latest_.has_value()) return;
    Draw();
    terminal_->Write("\n");
    latest_.reset();
  }

 private:
  static constexpr absl::string_view kEraseLine = "\r\x1b[K";

  void Draw() {
    // The last column stays free: some terminals wrap as soon as it is written.
    const int width =
        std::max(1, (terminal_->width() > 0 ? terminal_->width() : kUnknownWidth) - 1);
    const std::string line = WholeLine(*latest_);
    const std::string bar = absl::StrCat(Bar(*latest_), " ");
    const bool bar_fits = DisplayWidth(bar) + DisplayWidth(line) <= width;
    terminal_->Write(absl::StrCat(kEraseLine,
                                  bar_fits ? Styled(*terminal_, Style::kGreen, bar) : "",
                                  Shortened(line, width)));
    terminal_->Flush();
  }

  Terminal* const terminal_;
  Clock* const clock_;
  std::optional<SweepNumbers> latest_;
  std::optional<absl::Duration> drawn_at_;
};

class PlainProgress final : public Progress {
 public:
  PlainProgress(Terminal* terminal, Clock* clock) : terminal_(terminal), clock_(clock) {}

  void Update(const SweepNumbers& numbers) override {
    latest_ = numbers;
    const int64_t tenth = numbers.cells == 0 ? 10 : numbers.ended() * 10 / numbers.cells;
    const absl::Duration now = clock_->MonotonicNow();
    const bool due =
        !written_at_.has_value() || tenth > tenth_written_ || now - *written_at_ >= kPlainInterval;
    if (!due) return;
    tenth_written_ = tenth;
    written_at_ = now;
    WriteLatest();
  }

  void Note(absl::string_view text) override {
    terminal_->Write(absl::StrCat(text, "\n"));
    terminal_->Flush();
  }

  void Finish() override {
    if (latest_.has_value()) WriteLatest();
    latest_.reset();
  }

 private:
  void WriteLatest() {
    const std::string line = WholeLine(*latest_);
    if (line == written_) return;
    written_ = line;
    terminal_->Write(line + "\n");
    terminal_->Flush();
  }

  Terminal* const terminal_;
  Clock* const clock_;
  std::optional<SweepNumbers> latest_;
  std::optional<absl::Duration> written_at_;
  int64_t tenth_written_ = 0;
  std::string written_;
};

class JsonProgress final : public Progress {
 public:
  JsonProgress(Terminal* terminal, Clock* clock) : terminal_(terminal), clock_(clock) {}

  void Update(const SweepNumbers& numbers) override {
    latest_ = numbers;
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
    if (written_ == latest_) return;
    written_ = latest_;
    nlohmann::ordered_json event = {{"event", "progress"}};
    event.update(ToJson(*latest_));
    WriteLine(event);
  }

  void WriteLine(const nlohmann::ordered_json& event) {
    terminal_->Write(JsonText(event) + "\n");
    terminal_->Flush();
  }

  Terminal* const terminal_;
  Clock* const clock_;
  std::optional<SweepNumbers> latest_;
  std::optional<SweepNumbers> written_;
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

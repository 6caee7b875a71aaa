// Whatever bytes come, the parser answers with a sweep or with errors that have a place.

#include <random>
#include <string>

#include "common/spec/sweep.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

constexpr absl::string_view kValid = R"(name: first-guess
dataset: fashion-mnist
model: mlp
priority: 3
requires: {device: cuda, memory: 16GiB, labels: [a, b]}
pack: {max_trials: 8, max_flops: 1e12}
train:   {optimizer: sgd, learning_rate: 0.05, batch_size: 128, steps: 200}
measure: {points: 24, spacing: log, probe_size: 2000}
grid:
  width: [32, 64, 128]
  depth: {range: [1, 4]}   # inclusive
  init_scale: {geomspace: [0.5, 2.0, 3]}
  loss:
    - cross_entropy
    - blurry: {gamma: [0.3, 0.5], gradient: "full"}
    - piecewise_zero: {cutoff: 0.05}
  seed: {range: [0, 4]}
)";

// Pieces that mean something to YAML or to a sweep.
constexpr absl::string_view kPieces[] = {"\n",       "  ",
                                         "\t",       ": ",
                                         "- ",       "[",
                                         "]",        "{",
                                         "}",        ",",
                                         "#",        "'",
                                         "\"",       "\\",
                                         "&a ",      "*a",
                                         "!!int ",   "<<",
                                         "?",        "|",
                                         ">",        "%",
                                         "@",        "---\n",
                                         "...\n",    "~",
                                         "null",     ".nan",
                                         "-.inf",    "1e999",
                                         "010",      "0x1",
                                         "-0",       "99999999999999999999",
                                         "width",    "grid",
                                         "loss",     "range",
                                         "linspace", "zip",
                                         "sample",   "\xff",
                                         "\xc3\xa9", "\x01",
                                         "\r\n",     "\xef\xbb\xbf",
                                         "1000000",  "blurry",
                                         "\x80"};

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string Mutated(absl::string_view original) {
    std::string text(original);
    const size_t edits = 1 + Below(3);
    for (size_t i = 0; i < edits; ++i) Edit(text);
    return text;
  }

 private:
  size_t Below(size_t limit) { return random_() % limit; }

  void Edit(std::string& text) {
    const size_t at = Below(text.size() + 1);
    const size_t length = Below(12);
    switch (Below(6)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, std::string(kPieces[Below(std::size(kPieces))]));
        break;
      case 2:
        text.replace(at, length, std::string(kPieces[Below(std::size(kPieces))]));
        break;
      case 3:
        text.insert(at, text.substr(Below(text.size() + 1), Below(80)));
        break;
      case 4:
        if (at < text.size()) text[at] = static_cast<char>(random_());
        break;
      default:
        text.insert(at, std::string(1 + Below(70), "[{-:'"[Below(5)]));
    }
  }

  std::mt19937 random_;
};

TEST(ParseSweepRobustnessTest, MutationsOfAValidFileAreReadOrRefused) {
  ASSERT_TRUE(ParseSweep(kValid, "s").sweep.has_value());
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Mutator mutator(seed);
  int valid = 0;
  int invalid = 0;
  for (int i = 0; i < 1500; ++i) {
    const std::string text = mutator.Mutated(kValid);
    const ParsedSweep parsed = ParseSweep(text, "s");
    ASSERT_EQ(parsed.sweep.has_value(), parsed.errors.empty()) << text;
    for (const SpecError& error : parsed.errors) {
      ASSERT_GE(error.line, 1) << text;
      ASSERT_GE(error.column, 1) << text;
      ASSERT_FALSE(error.message.empty()) << text;
    }
    if (parsed.sweep.has_value()) {
      ASSERT_LE(parsed.sweep->raw_cells(), 1000000000000u) << text;
      ++valid;
    } else {
      ++invalid;
    }
  }
  // Both ways were taken: the mutations are neither too wild nor too tame.
  EXPECT_GT(valid, 0);
  EXPECT_GT(invalid, 0);
}

TEST(ParseSweepRobustnessTest, EveryPrefixOfAValidFileIsReadOrRefused) {
  for (size_t size = 0; size < kValid.size(); ++size) {
    const ParsedSweep parsed = ParseSweep(kValid.substr(0, size), "s");
    ASSERT_EQ(parsed.sweep.has_value(), parsed.errors.empty()) << size;
  }
}

}  // namespace
}  // namespace firstguess

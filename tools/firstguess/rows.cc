#include "tools/firstguess/rows.h"

#include <charconv>
#include <cmath>
#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/table.h"

namespace firstguess {
namespace {

std::string ShortestReal(double value) {
  char text[64];
  const std::to_chars_result end = std::to_chars(text, text + sizeof(text), value);
  return std::string(text, end.ptr);
}

std::string Hexadecimal(const Blob& blob) {
  return absl::BytesToHexString(absl::string_view(blob.bytes));
}

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

class TableSink final : public RowSink {
 public:
  explicit TableSink(Terminal* terminal) : terminal_(terminal) {}

  void Columns(const std::vector<std::string>& names) override { names_ = names; }

  bool Row(const std::vector<RowValue>& values) override {
    rows_.push_back(values);
    ++count_;
    if (rows_.size() == kRowsAtOnce) Print();
    return !terminal_->closed();
  }

  void Finish() override {
    if (!rows_.empty() || count_ == 0) Print();
    const std::string count = absl::StrCat("(", FormatCountOf(count_, "row"), ")");
    terminal_->Write(Styled(*terminal_, Style::kDim, count) + "\n");
  }

 private:
  static constexpr size_t kRowsAtOnce = 1000;

  static std::string Text(const RowValue& value) {
    return std::visit(
        Overloaded{[](std::monostate) { return std::string(); },
                   [](int64_t number) { return absl::StrCat(number); },
                   [](double number) { return absl::StrFormat("%.6g", number); },
                   [](const std::string& text) { return text; },
                   [](const Blob& blob) { return absl::StrCat("x'", Hexadecimal(blob), "'"); }},
        value);
  }

  // Numbers stand to the right.
  Table::Align AlignOf(size_t column) const {
    for (const auto& row : rows_) {
      const RowValue& value = row[column];
      if (std::holds_alternative<std::monostate>(value)) continue;
      const bool number =
          std::holds_alternative<int64_t>(value) || std::holds_alternative<double>(value);
      return number ? Table::Align::kRight : Table::Align::kLeft;
    }
    return Table::Align::kLeft;
  }

  void Print() {
    std::vector<Table::Column> columns;
    for (size_t c = 0; c < names_.size(); ++c) columns.push_back({Visible(names_[c]), AlignOf(c)});
    Table table(std::move(columns));
    for (const auto& row : rows_) {
      std::vector<std::string> cells;
      for (const RowValue& value : row) cells.push_back(Text(value));
      table.AddRow(cells);
    }
    table.Print(terminal_);
    rows_.clear();
  }

  Terminal* const terminal_;
  std::vector<std::string> names_;
  std::vector<std::vector<RowValue>> rows_;
  int64_t count_ = 0;
};

class MarkdownSink final : public RowSink {
 public:
  explicit MarkdownSink(Terminal* terminal) : terminal_(terminal) {}

  void Columns(const std::vector<std::string>& names) override { names_ = names; }

  bool Row(const std::vector<RowValue>& values) override {
    if (!has_head_) PrintHead(values);
    std::string line = "|";
    for (const RowValue& value : values) absl::StrAppend(&line, " ", Escaped(Text(value)), " |");
    terminal_->Write(line + "\n");
    return !terminal_->closed();
  }

  void Finish() override {
    if (!has_head_) PrintHead(std::vector<RowValue>(names_.size()));
  }

 private:
  static std::string Text(const RowValue& value) {
    return std::visit(Overloaded{[](std::monostate) { return std::string(); },
                                 [](int64_t number) { return absl::StrCat(number); },
                                 [](double number) { return ShortestReal(number); },
                                 [](const std::string& text) { return text; },
                                 [](const Blob& blob) { return Hexadecimal(blob); }},
                      value);
  }

  static std::string Escaped(const std::string& text) {
    return absl::StrReplaceAll(text, {{"|", "\\|"}, {"\n", "<br>"}});
  }

  void PrintHead(const std::vector<RowValue>& first) {
    has_head_ = true;
    std::string names = "|";
    std::string rule = "|";
    for (size_t i = 0; i < names_.size(); ++i) {
      absl::StrAppend(&names, " ", Escaped(names_[i]), " |");
      const bool number =
          std::holds_alternative<int64_t>(first[i]) || std::holds_alternative<double>(first[i]);
      absl::StrAppend(&rule, number ? "---:|" : "---|");
    }
    terminal_->Write(absl::StrCat(names, "\n", rule, "\n"));
  }

  Terminal* const terminal_;
  std::vector<std::string> names_;
  bool has_head_ = false;
};

class CsvSink final : public RowSink {
 public:
  explicit CsvSink(Terminal* terminal) : terminal_(terminal) {}

  void Columns(const std::vector<std::string>& names) override {
    std::string line;
    for (const std::string& name : names) absl::StrAppend(&line, Separator(line), Quoted(name));
    terminal_->Write(line + "\n");
  }

  bool Row(const std::vector<RowValue>& values) override {
    std::string line;
    bool first = true;
    for (const RowValue& value : values) {
      absl::StrAppend(&line, first ? "" : ",", Text(value));
      first = false;
    }
    terminal_->Write(line + "\n");
    return !terminal_->closed();
  }

  void Finish() override {}

 private:
  static const char* Separator(const std::string& line) { return line.empty() ? "" : ","; }

  static std::string Quoted(const std::string& text) {
    const bool plain = !text.empty() && text.find_first_of(",\"\r\n") == std::string::npos;
    if (plain) return text;
    return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
  }

  static std::string Text(const RowValue& value) {
    return std::visit(Overloaded{[](std::monostate) { return std::string(); },
                                 [](int64_t number) { return absl::StrCat(number); },
                                 [](double number) { return ShortestReal(number); },
                                 [](const std::string& text) { return Quoted(text); },
                                 [](const Blob& blob) { return Hexadecimal(blob); }},
                      value);
  }

  Terminal* const terminal_;
};

class JsonLinesSink final : public RowSink {
 public:
  explicit JsonLinesSink(Terminal* terminal) : terminal_(terminal) {}

  // Two columns of one name would be one member: the second becomes name_2.
  void Columns(const std::vector<std::string>& names) override {
    std::map<std::string, int> seen;
    for (const std::string& name : names) {
      const int times = ++seen[name];
      names_.push_back(times == 1 ? name : absl::StrCat(name, "_", times));
    }
  }

  bool Row(const std::vector<RowValue>& values) override {
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    for (size_t c = 0; c < names_.size(); ++c) object[names_[c]] = Json(values[c]);
    terminal_->Write(JsonText(object) + "\n");
    return !terminal_->closed();
  }

  void Finish() override {}

 private:
  static nlohmann::ordered_json Json(const RowValue& value) {
    using nlohmann::ordered_json;
    return std::visit(Overloaded{[](std::monostate) { return ordered_json(); },
                                 [](int64_t number) { return ordered_json(number); },
                                 [](double number) {
                                   return std::isfinite(number) ? ordered_json(number)
                                                                : ordered_json();
                                 },
                                 [](const std::string& text) { return ordered_json(text); },
                                 [](const Blob& blob) { return ordered_json(Hexadecimal(blob)); }},
                      value);
  }

  Terminal* const terminal_;
  std::vector<std::string> names_;
};

}  // namespace

std::unique_ptr<RowSink> MakeMarkdownSink(Terminal* terminal) {
  return std::make_unique<MarkdownSink>(terminal);
}

std::unique_ptr<RowSink> MakeTableSink(Terminal* terminal) {
  return std::make_unique<TableSink>(terminal);
}

std::unique_ptr<RowSink> MakeCsvSink(Terminal* terminal) {
  return std::make_unique<CsvSink>(terminal);
}

std::unique_ptr<RowSink> MakeJsonLinesSink(Terminal* terminal) {
  return std::make_unique<JsonLinesSink>(terminal);
}

}  // namespace firstguess

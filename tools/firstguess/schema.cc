#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/spec/hint.h"
#include "coordinator/store/data_dictionary.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/wrapped.h"

namespace firstguess {
namespace {

using Json = nlohmann::ordered_json;

// Room for a meaning that is left beside name and type on a narrow terminal.
constexpr int kNarrowestMeaning = 24;

struct SchemaOptions {
  bool json = false;
  std::string table;  // empty: all
};

std::string KindOf(const DescribedTable& table) { return table.is_view ? "view" : "table"; }

Json ToJson(const std::vector<DescribedTable>& tables) {
  Json json = Json::array();
  for (const DescribedTable& table : tables) {
    Json columns = Json::array();
    for (const DescribedColumn& column : table.columns) {
      columns.push_back(
          {{"name", column.name}, {"type", column.type}, {"meaning", column.meaning}});
    }
    json.push_back({{"name", table.name},
                    {"kind", KindOf(table)},
                    {"meaning", table.meaning},
                    {"columns", std::move(columns)}});
  }
  return {{"tables", std::move(json)}};
}

// A line a column: name, type and meaning, the last broken over several lines where it must be.
void PrintColumns(const DescribedTable& table, Terminal* out) {
  constexpr int kTypeWidth = 7;  // INTEGER
  int name_width = 0;
  for (const DescribedColumn& column : table.columns) {
    name_width = std::max(name_width, DisplayWidth(column.name));
  }
  const int indent = 2 + name_width + 2 + kTypeWidth + 2;
  const int width = out->width() == 0 ? 0 : std::max(kNarrowestMeaning, out->width() - indent);
  const auto padded = [](const std::string& text, int to) {
    return absl::StrCat(text, std::string(static_cast<size_t>(to) - text.size(), ' '));
  };
  for (const DescribedColumn& column : table.columns) {
    std::string head = absl::StrCat("  ", padded(column.name, name_width), "  ",
                                    padded(column.type, kTypeWidth), "  ");
    for (const std::string& line : Wrapped(column.meaning, width)) {
      out->Write(absl::StrCat(head, line, "\n"));
      head.assign(static_cast<size_t>(indent), ' ');
    }
  }
}

void Print(const std::vector<DescribedTable>& tables, Terminal* out) {
  for (const DescribedTable& table : tables) {
    if (&table != &tables.front()) out->Write("\n");
    out->Write(absl::StrCat(Styled(*out, Style::kBold, table.name), " (", KindOf(table), ")\n"));
    for (const std::string& line : Wrapped(table.meaning, out->width())) {
      out->Write(absl::StrCat(line, "\n"));
    }
    PrintColumns(table, out);
  }
}

Failure NoSuchTable(const std::string& name, const std::vector<DescribedTable>& tables) {
  std::vector<absl::string_view> known;
  for (const DescribedTable& table : tables) known.emplace_back(table.name);
  return {kExitInput,
          {},
          absl::StrCat("there is no table or view '", name, "'", Hint(name, known), "."),
          "'firstguess schema' lists them all."};
}

int Schema(const SchemaOptions& options, Context* context) {
  absl::StatusOr<std::vector<DescribedTable>> tables = DataDictionary();
  if (!tables.ok()) {
    return Report({kExitFailed,
                   {},
                   std::string(tables.status().message()),
                   "This is a mistake of firstguess itself: tell those who develop it."},
                  context);
  }
  if (!options.table.empty()) {
    const auto found =
        std::find_if(tables->begin(), tables->end(),
                     [&](const DescribedTable& table) { return table.name == options.table; });
    if (found == tables->end()) return Report(NoSuchTable(options.table, *tables), context);
    tables = std::vector<DescribedTable>{*found};
  }
  if (options.json) {
    context->out->Write(JsonText(ToJson(*tables)) + "\n");
  } else {
    Print(*tables, context->out);
  }
  return kExitDone;
}

}  // namespace

void AddSchemaCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<SchemaOptions>();
  CLI::App* command =
      AddCommand(app, "schema", "The database's tables and views, and what each column means",
                 {{"schema", "every table and view"},
                  {"schema trial_summary", "one of them"},
                  {"schema --json", "the data dictionary for programs"}},
                 &options->json);
  command->add_option("TABLE", options->table, "A table or view; all if not said");
  command->callback([options, action] {
    *action = [options](Context* context) { return Schema(*options, context); };
  });
}

}  // namespace firstguess

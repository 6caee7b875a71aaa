#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/hint.h"
#include "coordinator/store/cookbook/cookbook.h"
#include "coordinator/store/cookbook/sql_parameters.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/query_hint.h"
#include "tools/firstguess/rows.h"
#include "tools/firstguess/table.h"

namespace firstguess {
namespace {

struct QueryOptions {
  bool json = false;
  std::string sql;
  std::string file;
  std::string recipe;
  bool cookbook = false;
  bool explain = false;
  std::vector<std::string> settings;  // name=value
  std::string format = "table";
  SourceOption source;
};

// What is asked, before its parameters have values.
struct Question {
  std::string sql;
  std::map<std::string, std::string> values;  // as SQL
};

Failure InputFailure(std::string message, std::string next) {
  return {kExitInput, {}, std::move(message), std::move(next)};
}

std::unique_ptr<RowSink> MakeSink(const QueryOptions& options, Terminal* out) {
  if (options.json || options.format == "jsonl") return MakeJsonLinesSink(out);
  if (options.format == "csv") return MakeCsvSink(out);
  if (options.format == "markdown") return MakeMarkdownSink(out);
  return MakeTableSink(out);
}

std::variant<Question, Failure> FromFile(const std::string& path) {
  Question question;
  if (path == "-") {
    question.sql.assign(std::istreambuf_iterator<char>(std::cin), {});
    return question;
  }
  std::ifstream file(path);
  question.sql.assign(std::istreambuf_iterator<char>(file), {});
  if (!file.is_open() || file.bad()) {
    return InputFailure(absl::StrCat("the file ", path, " can't be read."),
                        "Name a file with one SELECT statement, or - for standard input.");
  }
  return question;
}

std::variant<Question, Failure> FromCookbook(const std::string& name) {
  const Recipe* recipe = FindRecipe(name);
  if (recipe == nullptr) {
    std::vector<absl::string_view> names;
    for (const Recipe& other : Cookbook()) names.push_back(other.name);
    return InputFailure(
        absl::StrCat("the cookbook has no question '", name, "'", Hint(name, names), "."),
        "'firstguess query --cookbook' lists them.");
  }
  Question question{.sql = std::string(recipe->sql), .values = {}};
  for (const RecipeParameter& parameter : recipe->parameters) {
    if (!parameter.default_sql.empty()) {
      question.values[std::string(parameter.name)] = std::string(parameter.default_sql);
    }
  }
  return question;
}

// The statement with its parameters.
std::variant<std::string, Failure> Statement(const QueryOptions& options) {
  std::variant<Question, Failure> asked = Question{.sql = options.sql, .values = {}};
  if (!options.file.empty()) asked = FromFile(options.file);
  if (!options.recipe.empty()) asked = FromCookbook(options.recipe);
  if (auto* failure = std::get_if<Failure>(&asked)) return *failure;
  auto& question = std::get<Question>(asked);
  for (const std::string& setting : options.settings) {
    const size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      return InputFailure(absl::StrCat("--set ", setting, " is not NAME=VALUE."),
                          "For a query with :depth, write --set depth=3.");
    }
    question.values[setting.substr(0, equals)] = SqlLiteral(setting.substr(equals + 1));
  }
  const absl::StatusOr<std::string> sql = WithParameters(question.sql, question.values);
  if (!sql.ok()) {
    return InputFailure(absl::StrCat(sql.status().message(), "."),
                        "Parameters are written :name in the SQL and given with --set NAME=VALUE.");
  }
  return absl::StrCat(options.explain ? "EXPLAIN QUERY PLAN " : "", *sql);
}

nlohmann::ordered_json CookbookJson() {
  nlohmann::ordered_json recipes = nlohmann::ordered_json::array();
  for (const Recipe& recipe : Cookbook()) {
    nlohmann::ordered_json parameters = nlohmann::ordered_json::array();
    for (const RecipeParameter& parameter : recipe.parameters) {
      parameters.push_back({{"name", std::string(parameter.name)},
                            {"required", parameter.default_sql.empty()},
                            {"meaning", std::string(parameter.meaning)}});
    }
    recipes.push_back({{"name", std::string(recipe.name)},
                       {"question", std::string(recipe.question)},
                       {"parameters", std::move(parameters)},
                       {"sql", std::string(recipe.sql)}});
  }
  return {{"cookbook", std::move(recipes)}};
}

int ShowCookbook(const QueryOptions& options, Context* context) {
  if (options.json) {
    context->out->Write(JsonText(CookbookJson()) + "\n");
    return kExitDone;
  }
  Table table({{"name"},
               {"question", Table::Align::kLeft, true},
               {"parameters", Table::Align::kLeft, true}});
  for (const Recipe& recipe : Cookbook()) {
    std::vector<std::string> parameters;
    for (const RecipeParameter& parameter : recipe.parameters) {
      parameters.emplace_back(parameter.name);
    }
    table.AddRow(
        {std::string(recipe.name), std::string(recipe.question), absl::StrJoin(parameters, ", ")});
  }
  table.Print(context->out);
  context->out->Write("Ask one with --ask NAME; --json shows their SQL.\n");
  return kExitDone;
}

int Query(const QueryOptions& options, Context* context) {
  if (options.cookbook) return ShowCookbook(options, context);
  if (options.sql.empty() && options.file.empty() && options.recipe.empty()) {
    return Report(InputFailure("there is no query.",
                               "Give a SELECT statement, --file, or --ask with a name out of "
                               "'firstguess query --cookbook'."),
                  context);
  }
  auto statement = Statement(options);
  if (auto* failure = std::get_if<Failure>(&statement)) return Report(*failure, context);
  auto opened = OpenSource(options.source);
  if (auto* failure = std::get_if<Failure>(&opened)) return Report(*failure, context);
  auto& source = std::get<std::unique_ptr<SweepSource>>(opened);
  const std::unique_ptr<RowSink> sink = MakeSink(options, context->out);
  const absl::Status status = source->Query(std::get<std::string>(statement), sink.get());
  if (!status.ok()) {
    Failure failure = source->Explain(status);
    if (absl::IsPermissionDenied(status)) {
      failure.next = "A query is one SELECT statement; what it reads stays as it is.";
    } else if (absl::IsInvalidArgument(status)) {
      failure.next = QueryHint(status.message(), std::get<std::string>(statement));
    }
    return Report(failure, context);
  }
  return kExitDone;
}

}  // namespace

void AddQueryCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<QueryOptions>();
  CLI::App* command = AddCommand(
      app, "query", "Answers one SQL statement, or a question of the cookbook, read-only",
      {{"query --db first_guess.db \"select * from progress\"", "every sweep in numbers"},
       {"query --db first_guess.db --ask time-scales", "a question of the cookbook"},
       {"query --db first_guess.db --set depth=10 \"select avg(max_guess) from initial_bias where "
        "depth = :depth\"",
        "with a parameter"},
       {"query --db first_guess.db --format csv \"select * from trajectory\" > t.csv",
        "every measurement, for other programs"},
       {"query \"select depth, avg(max_guess) from initial_bias group by depth\"",
        "asks the coordinator on this machine"}},
      &options->json);
  CLI::Option* sql = command->add_option("SQL", options->sql, "One SELECT statement of SQLite");
  CLI::Option* file =
      command->add_option("--file", options->file, "A file with it; - for standard input")
          ->type_name("FILE")
          ->excludes(sql);
  command->add_option("--ask", options->recipe, "A question of the cookbook, by its name")
      ->type_name("NAME")
      ->excludes(sql)
      ->excludes(file);
  command->add_flag("--cookbook", options->cookbook, "The questions that --ask knows");
  command->add_option("--set", options->settings, "A value for :NAME in the SQL; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command->add_flag("--explain", options->explain,
                    "How SQLite would answer, instead of the answer");
  command
      ->add_option("--format", options->format, "table, csv, jsonl or markdown; table if not said")
      ->check(CLI::IsMember({"table", "csv", "jsonl", "markdown"}))
      ->type_name("FORMAT");
  AddSourceOption(command, &options->source);
  command->callback([options, action] {
    *action = [options](Context* context) { return Query(*options, context); };
  });
}

}  // namespace firstguess

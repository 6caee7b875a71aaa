#include "tools/firstguess/commands.h"

namespace firstguess {
namespace {

struct QueryOptions {
  bool json = false;
  std::string sql;
  std::string format = "table";
  SourceOption source;
};

std::unique_ptr<RowSink> MakeSink(const QueryOptions& options, Terminal* out) {
  if (options.json || options.format == "jsonl") return MakeJsonLinesSink(out);
  if (options.format == "csv") return MakeCsvSink(out);
  return MakeTableSink(out);
}

int Query(const QueryOptions& options, Context* context) {
  auto opened = OpenSource(options.source);
  if (auto* failure = std::get_if<Failure>(&opened)) return Report(*failure, context);
  auto& source = std::get<std::unique_ptr<SweepSource>>(opened);
  const std::unique_ptr<RowSink> sink = MakeSink(options, context->out);
  const absl::Status status = source->Query(options.sql, sink.get());
  if (!status.ok()) {
    Failure failure = source->Explain(status);
    if (absl::IsPermissionDenied(status)) {
      failure.next = "A query is one SELECT statement; what it reads stays as it is.";
    } else if (absl::IsInvalidArgument(status)) {
      failure.next =
          "'firstguess schema' says what the tables and views hold; start with the views progress, "
          "trial_summary, initial_bias and trajectory.";
    }
    return Report(failure, context);
  }
  return kExitDone;
}

}  // namespace

void AddQueryCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<QueryOptions>();
  CLI::App* command = AddCommand(
      app, "query", "Answers one SQL statement, read-only",
      {{"query --db first_guess.db \"select * from progress\"", "every sweep in numbers"},
       {"query --db first_guess.db --format csv \"select * from trajectory\" > t.csv",
        "every measurement, for other programs"},
       {"query \"select depth, avg(max_guess) from initial_bias group by depth\"",
        "asks the coordinator on this machine"}},
      &options->json);
  command->add_option("SQL", options->sql, "One SELECT statement of SQLite")->required();
  command->add_option("--format", options->format, "table, csv or jsonl; table if not said")
      ->check(CLI::IsMember({"table", "csv", "jsonl"}))
      ->type_name("FORMAT");
  AddSourceOption(command, &options->source);
  command->callback([options, action] {
    *action = [options](Context* context) { return Query(*options, context); };
  });
}

}  // namespace firstguess

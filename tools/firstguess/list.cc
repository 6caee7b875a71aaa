#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/list_names.h"
#include "tools/firstguess/shell_word.h"
#include "tools/firstguess/table.h"

namespace firstguess {
namespace {

struct ListOptions {
  bool json = false;
  std::string what;  // empty: sweeps
  SourceOption source;
};

// `cancelled` has a column only if there is something in it.
void PrintTable(const std::vector<SweepNumbers>& sweeps, Terminal* out) {
  using Align = Table::Align;
  const bool cancelled = std::any_of(sweeps.begin(), sweeps.end(),
                                     [](const SweepNumbers& sweep) { return sweep.cancelled > 0; });
  std::vector<Table::Column> columns = {{"sweep", Align::kLeft, true}, {"state"},
                                        {"trials", Align::kRight},     {"done", Align::kRight},
                                        {"failed", Align::kRight},     {"training", Align::kRight},
                                        {"waiting", Align::kRight}};
  if (cancelled) columns.push_back({"cancelled", Align::kRight});
  columns.push_back({"submitted", Align::kLeft, true});
  Table table(std::move(columns));
  for (const SweepNumbers& sweep : sweeps) {
    std::vector<std::string> cells = {sweep.name,
                                      sweep.state,
                                      FormatCount(sweep.cells),
                                      FormatCount(sweep.done),
                                      FormatCount(sweep.failed),
                                      FormatCount(sweep.leased),
                                      FormatCount(sweep.pending)};
    if (cancelled) cells.push_back(FormatCount(sweep.cancelled));
    cells.push_back(FormatTime(sweep.created_at));
    table.AddRow(cells);
  }
  table.Print(out);
}

int List(const ListOptions& options, Context* context) {
  if (!options.what.empty()) return ListNames(options.what, options.json, context);
  auto opened = OpenSource(options.source);
  if (auto* failure = std::get_if<Failure>(&opened)) return Report(*failure, context);
  auto& source = std::get<std::unique_ptr<SweepSource>>(opened);
  const absl::StatusOr<std::vector<SweepNumbers>> sweeps = source->List();
  if (!sweeps.ok()) return Report(source->Explain(sweeps.status()), context);
  if (options.json) {
    nlohmann::ordered_json answer = {{"sweeps", nlohmann::ordered_json::array()}};
    for (const SweepNumbers& sweep : *sweeps) answer["sweeps"].push_back(ToJson(sweep));
    context->out->Write(JsonText(answer) + "\n");
  } else if (sweeps->empty()) {
    const std::string& file = options.source.database;
    context->out->Write(absl::StrCat(
        "There are no sweeps yet. Add one: firstguess ",
        file.empty() ? absl::StrCat("submit SPEC.yaml", CoordinatorFlag(options.source.coordinator))
                     : absl::StrCat("run SPEC.yaml --db ", ShellPath(file)),
        "\n"));
  } else {
    PrintTable(*sweeps, context->out);
  }
  return kExitDone;
}

}  // namespace

void AddListCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* command =
      AddCommand(app, "list", "The sweeps that there are, in numbers; or what a sweep file may say",
                 {{"list --db first_guess.db", "the sweeps in a database file"},
                  {"list --coordinator 127.0.0.1:7171", "those of a live coordinator"},
                  {"list losses", "every loss with its parameters, their defaults and ranges"},
                  {"list fields --json", "every field of a trial, for programs"}},
                 &options->json);
  command
      ->add_option("WHAT", options->what, "losses, models, datasets or fields; sweeps if not said")
      ->check(CLI::IsMember(kListableNames));
  AddSourceOption(command, &options->source);
  command->callback([options, action] {
    *action = [options](Context* context) { return List(*options, context); };
  });
}

}  // namespace firstguess

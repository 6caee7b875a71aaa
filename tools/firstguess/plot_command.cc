#include <cstdio>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/plot/plot.h"
#include "tools/firstguess/plot/png.h"
#include "tools/firstguess/report/replace_file.h"

namespace firstguess {
namespace {

struct PlotCommandOptions {
  bool json = false;
  PlotOptions plot;
  std::string output;
  std::string lines = "classes";
  std::vector<std::string> conditions;  // field=value
};

Failure FileFailure(const absl::Status& status) {
  return {
      kExitFailed, {}, absl::StrCat(status.message(), "."), "Choose another place with --output."};
}

// Through an SVG file beside it.
std::optional<Failure> WritePng(const std::string& svg, const std::string& path) {
  const std::string drawing = absl::StrCat(path, ".svg.tmp");
  absl::Cleanup remove = [&drawing] { std::remove(drawing.c_str()); };
  absl::Status status = ReplaceFile(drawing, svg);
  if (!status.ok()) return FileFailure(status);
  status = DrawPng(drawing, path);
  if (absl::IsNotFound(status)) {
    return Failure{kExitFailed,
                   {},
                   "a PNG is drawn by the program rsvg-convert, which is missing.",
                   "Install it (Debian: apt install librsvg2-bin), or name an --output that ends "
                   "in .svg."};
  }
  if (!status.ok()) return FileFailure(status);
  return std::nullopt;
}

int Plot(PlotCommandOptions options, Context* context) {
  for (const std::string& condition : options.conditions) {
    const size_t equals = condition.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Report({kExitInput,
                     {},
                     absl::StrCat("--where ", condition, " is not FIELD=VALUE."),
                     "For trials of depth 3, write --where depth=3."},
                    context);
    }
    options.plot.where.emplace_back(condition.substr(0, equals), condition.substr(equals + 1));
  }
  options.plot.ranks = options.lines == "ranks";
  if (options.output.empty()) {
    options.output = absl::StrCat(absl::StripSuffix(options.plot.database, ".db"), ".",
                                  options.plot.chart, ".svg");
  }
  const bool is_png = absl::EndsWith(options.output, ".png");
  if (!is_png && !absl::EndsWith(options.output, ".svg") && options.output != "-") {
    return Report({kExitInput,
                   {},
                   absl::StrCat("--output ", options.output, " says neither SVG nor PNG."),
                   "Let the name end in .svg or .png; - writes SVG to standard output."},
                  context);
  }
  const absl::StatusOr<std::string> svg = PlotSvg(options.plot);
  if (absl::IsInvalidArgument(svg.status())) {
    return Report({kExitInput,
                   {},
                   absl::StrCat(svg.status().message(), "."),
                   "'firstguess plot --help' says what can be drawn, 'firstguess report' what the "
                   "sweep has."},
                  context);
  }
  if (absl::IsUnavailable(svg.status())) {
    return Report({kExitFailed,
                   {},
                   absl::StrCat(svg.status().message(), "."),
                   "Wait for the first results: 'firstguess list --db FILE' says how far it is."},
                  context);
  }
  if (!svg.ok()) {
    return Report(DatabaseFailure(svg.status(), options.plot.database), context);
  }
  if (options.output == "-") {
    context->out->Write(*svg + "\n");
    return kExitDone;
  }
  if (is_png) {
    if (const std::optional<Failure> failure = WritePng(*svg, options.output)) {
      return Report(*failure, context);
    }
  } else if (const absl::Status status = ReplaceFile(options.output, *svg); !status.ok()) {
    return Report(FileFailure(status), context);
  }
  if (options.json) {
    context->out->Write(JsonText({{"plot", options.output}}) + "\n");
  } else {
    context->out->Write(absl::StrCat("Plot: ", options.output, "\n"));
  }
  return kExitDone;
}

}  // namespace

void AddPlotCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<PlotCommandOptions>();
  PlotOptions* plot = &options->plot;
  CLI::App* command = AddCommand(
      app, "plot", "Draws one chart of a sweep as SVG or PNG",
      {{"plot --db first_guess.db", "probabilities per class over steps of the most biased start"},
       {"plot --db first_guess.db --lines ranks --where depth=10 --output depth10.png",
        "over all seeds, as PNG"},
       {"plot initial-bias --db first_guess.db --by width", "the first guess, a line a width"},
       {"plot heat-map --db first_guess.db --x depth --y loss --quantity accuracy",
        "over two axes"}},
      &options->json);
  command->add_option("CHART", plot->chart, absl::StrJoin(PlotCharts(), ", "))
      ->capture_default_str();
  command->add_option("--db", plot->database, "The database file")->required()->type_name("FILE");
  command->add_option("--sweep", plot->sweep, "The sweep's name; else the newest")
      ->type_name("NAME");
  std::vector<std::string> quantities;
  for (const std::string& chart : PlotCharts()) {
    quantities.push_back(absl::StrCat(chart, ": ", absl::StrJoin(PlotQuantities(chart), ", ")));
  }
  command
      ->add_option("--quantity", plot->quantity,
                   absl::StrCat("What is drawn (", absl::StrJoin(quantities, "; "), ")"))
      ->type_name("NAME");
  command->add_option("--where", options->conditions, "Only trials with this value; repeatable")
      ->type_name("FIELD=VALUE");
  command
      ->add_option("--lines", options->lines,
                   "Of trajectories: classes of one start, or ranks over all seeds")
      ->type_name("LINES")
      ->check(CLI::IsMember({"classes", "ranks"}))
      ->capture_default_str();
  command->add_option("--by", plot->by, "Of initial-bias: a line for each value; none: one line")
      ->type_name("FIELD");
  command->add_option("--x", plot->x, "Of a heat map: the axis across")->type_name("FIELD");
  command->add_option("--y", plot->y, "Of a heat map: the axis upwards")->type_name("FIELD");
  command->add_option("--width", plot->width, "Pixels; a PNG has twice as many")
      ->check(CLI::Range(200, 8000))
      ->capture_default_str();
  command->add_option("--height", plot->height, "Pixels; else as high as what is drawn")
      ->check(CLI::Range(200, 8000));
  command
      ->add_option("--output", options->output,
                   "Where to, .svg or .png, or - for SVG; else FILE.CHART.svg")
      ->type_name("FILE");
  command->callback([options, action] {
    *action = [options](Context* context) { return Plot(*options, context); };
  });
}

}  // namespace firstguess

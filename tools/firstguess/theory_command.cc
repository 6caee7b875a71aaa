#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/theory/guess_law.h"
#include "common/theory/order_parameters.h"
#include "common/theory/phases.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/table.h"

namespace firstguess {
namespace {

using theory::Activation;

struct TheoryOptions {
  bool json = false;
  std::string activation = "relu";
  int64_t depth = 5;
  double weight_variance = 0;  // 0: critical
  double bias_variance = 0;
  double input_shift = 0;
  int64_t inputs = 0;  // 0: infinitely many
  int64_t classes = 10;
  std::string pooling;
  int pool_size = 2;
};

// What is printed for one depth.
struct DepthRow {
  int64_t depth = 0;
  theory::OrderParameters output;
  double two_class_max = 0;
  theory::GuessMoments guesses;
};

struct TheoryAnswer {
  double weight_variance = 0;
  std::string phase;
  theory::CriticalPoint critical;
  double neutral_weight_variance = 0;  // 0: there is none
  std::vector<DepthRow> rows;
};

// Depths that show the whole way to `depth`, at most about ten.
std::vector<int64_t> ShownDepths(int64_t depth) {
  std::vector<int64_t> depths;
  for (const int64_t d : {0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100, 200, 500}) {
    if (d < depth) depths.push_back(d);
  }
  depths.push_back(depth);
  return depths;
}

TheoryAnswer Answer(const TheoryOptions& options, Activation activation) {
  TheoryAnswer answer;
  answer.critical = theory::EdgeOfChaos(activation, options.bias_variance);
  answer.weight_variance =
      options.weight_variance > 0 ? options.weight_variance : answer.critical.weight_variance;
  answer.phase = theory::PhaseName(activation, answer.weight_variance, options.bias_variance);
  if (activation == Activation::kTanh && options.bias_variance > 0) {
    answer.neutral_weight_variance = theory::NeutralityLine(options.bias_variance)->weight_variance;
  }
  const theory::Prior prior{.activation = activation,
                            .weight_variance = answer.weight_variance,
                            .bias_variance = options.bias_variance,
                            .input_shift = options.input_shift};
  const std::vector<theory::OrderParameters> layers = theory::Propagate(prior, options.depth);
  for (const int64_t depth : ShownDepths(options.depth)) {
    DepthRow row{.depth = depth, .output = layers[static_cast<size_t>(depth)], .guesses = {}};
    if (options.inputs > 0) {
      const double rho = theory::ReluCorrelationFiniteInput(depth, options.inputs);
      row.output = {row.output.q() * (1 - rho), row.output.q() * rho};
    }
    row.two_class_max = theory::TwoClassLaw{row.output.gamma()}.ExpectedMax();
    row.guesses = theory::GuessMomentsOf(options.classes, row.output.rho(), 1024);
    answer.rows.push_back(row);
  }
  return answer;
}

// Of the guess fraction of one of two classes.
std::vector<double> Deciles(const theory::TwoClassLaw& law) {
  std::vector<double> deciles;
  for (int tenth = 1; tenth < 10; ++tenth) deciles.push_back(law.Quantile(tenth / 10.0));
  return deciles;
}

nlohmann::ordered_json ToJson(const TheoryOptions& options, const TheoryAnswer& answer) {
  nlohmann::ordered_json json = {{"activation", options.activation},
                                 {"weight_variance", answer.weight_variance},
                                 {"bias_variance", options.bias_variance},
                                 {"critical_weight_variance", answer.critical.weight_variance},
                                 {"phase", answer.phase},
                                 {"classes", options.classes},
                                 {"depths", nlohmann::ordered_json::array()}};
  if (answer.neutral_weight_variance > 0) {
    json["neutral_weight_variance"] = answer.neutral_weight_variance;
  }
  for (const DepthRow& row : answer.rows) {
    const theory::TwoClassLaw law{row.output.gamma()};
    json["depths"].push_back({{"depth", row.depth},
                              {"within", row.output.within},
                              {"between", row.output.between},
                              {"rho", row.output.rho()},
                              {"gamma", row.output.gamma()},
                              {"two_classes",
                               {{"expected_max_guess", row.two_class_max},
                                {"standard_deviation", law.StandardDeviation()},
                                {"probability_max_above_0.9", law.ProbabilityMaxAbove(0.9)},
                                {"expected_entropy_bits", law.ExpectedEntropyBits()},
                                {"deciles", Deciles(law)}}},
                              {"expected_max_guess", row.guesses.expected_max},
                              {"expected_max_guess_error", row.guesses.expected_max_error},
                              {"expected_guess_entropy", row.guesses.expected_entropy}});
  }
  return json;
}

std::string Number(double value) { return absl::StrFormat("%.6g", value); }

void PrintText(const TheoryOptions& options, const TheoryAnswer& answer, Terminal* out) {
  out->Write(absl::StrFormat(
      "An untrained, infinitely wide %s network, weight variance %s / fan_in, bias variance %s,\n"
      "over %s standard normal inputs%s.\nPhase: %s (critical weight variance %s%s).\n\n",
      options.activation, Number(answer.weight_variance), Number(options.bias_variance),
      options.inputs > 0 ? absl::StrCat(options.inputs) : "many",
      options.input_shift == 0 ? "" : absl::StrCat(" shifted by ", Number(options.input_shift)),
      answer.phase, Number(answer.critical.weight_variance),
      answer.neutral_weight_variance > 0
          ? absl::StrCat("; neutrality line ", Number(answer.neutral_weight_variance))
          : ""));
  using Align = Table::Align;
  Table table({{"hidden layers", Align::kRight},
               {"V within", Align::kRight},
               {"Vt between", Align::kRight},
               {"rho", Align::kRight},
               {"gamma", Align::kRight},
               {"max guess, 2 classes", Align::kRight},
               {absl::StrCat(options.classes, " classes"), Align::kRight}});
  for (const DepthRow& row : answer.rows) {
    table.AddRow(
        {absl::StrCat(row.depth), Number(row.output.within), Number(row.output.between),
         Number(row.output.rho()), Number(row.output.gamma()), Number(row.two_class_max),
         absl::StrFormat("%.4f ± %.4f", row.guesses.expected_max, row.guesses.expected_max_error)});
  }
  table.Print(out);
  const theory::TwoClassLaw law{answer.rows.back().output.gamma()};
  out->Write(
      absl::StrFormat("\nAt %d hidden layers the guess fraction of one of two classes has standard "
                      "deviation %.4f;\n"
                      "it is above 0.9 or below 0.1 with probability %.4f. Its deciles:\n ",
                      options.depth, law.StandardDeviation(), law.ProbabilityMaxAbove(0.9)));
  for (const double g : Deciles(law)) out->Write(absl::StrFormat(" %.4f", g));
  out->Write("\n");
}

int PrintPooling(const TheoryOptions& options, Activation activation, Context* context) {
  const auto pooling = options.pooling == "max" ? theory::Pooling::kMax : theory::Pooling::kAverage;
  const theory::PooledMoments moments =
      theory::PoolingMoments(activation, pooling, options.pool_size);
  const double expected_max = theory::TwoClassLaw{moments.gamma()}.ExpectedMax();
  if (options.json) {
    context->out->Write(JsonText({{"activation", options.activation},
                                  {"pooling", options.pooling},
                                  {"pool_size", options.pool_size},
                                  {"mean", moments.mean},
                                  {"mean_square", moments.mean_square},
                                  {"critical_weight_variance", moments.critical_weight_variance()},
                                  {"rho", moments.rho()},
                                  {"gamma", moments.gamma()},
                                  {"expected_max_guess", expected_max}}) +
                        "\n");
  } else {
    context->out->Write(absl::StrFormat(
        "One %s layer, then %s pooling over %d independent units of unit variance:\n"
        "  rho %s, gamma %s, expected larger guess of two classes %s\n"
        "  the weight variance that keeps activations' size is %s / fan_in\n",
        options.activation, options.pooling, options.pool_size, Number(moments.rho()),
        Number(moments.gamma()), Number(expected_max), Number(moments.critical_weight_variance())));
  }
  return kExitDone;
}

int Theory(const TheoryOptions& options, Context* context) {
  const absl::StatusOr<Activation> activation = theory::ActivationFromName(options.activation);
  if (!activation.ok()) {
    return Report({kExitInput,
                   {},
                   std::string(activation.status().message()) + ".",
                   "'firstguess theory --help' shows how it is used."},
                  context);
  }
  if (!options.pooling.empty()) return PrintPooling(options, *activation, context);
  if (options.inputs > 0 &&
      (*activation != Activation::kRelu || options.bias_variance > 0 || options.input_shift != 0)) {
    return Report({kExitInput,
                   {},
                   "--inputs is known for relu without biases and shifts only.",
                   "Leave --inputs out for the limit of many inputs."},
                  context);
  }
  const TheoryAnswer answer = Answer(options, *activation);
  if (options.json) {
    context->out->Write(JsonText(ToJson(options, answer)) + "\n");
  } else {
    PrintText(options, answer, context->out);
  }
  return kExitDone;
}

}  // namespace

void AddTheoryCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<TheoryOptions>();
  CLI::App* command =
      AddCommand(app, "theory", "What theory says of an untrained wide network's guesses",
                 {{"theory --depth 5 --activation relu", "bias by depth with He's initialisation"},
                  {"theory --depth 50 --activation tanh --bias-variance 0.05 --weight-variance 2",
                   "the phase of a tanh network, and what it means for guesses"},
                  {"theory --pooling max --pool-size 4", "one layer with pooling"}},
                 &options->json);
  command->add_option("--activation", options->activation, "relu, tanh or linear");
  command->add_option("--depth", options->depth, "Hidden layers")->check(CLI::Range(0, 1000));
  command
      ->add_option("--weight-variance", options->weight_variance,
                   "Times fan_in; He's initialisation at init_scale s is 2 s^2. Default: critical")
      ->check(CLI::PositiveNumber);
  command->add_option("--bias-variance", options->bias_variance, "Variance of each bias")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--input-shift", options->input_shift, "Mean of each input");
  command->add_option("--inputs", options->inputs, "Input dimension; default: the limit of many")
      ->check(CLI::Range(2, 1000000));
  command->add_option("--classes", options->classes, "Classes")->check(CLI::Range(2, 1000));
  command->add_option("--pooling", options->pooling, "One layer with this pooling: max or average")
      ->check(CLI::IsMember({"max", "average"}));
  command->add_option("--pool-size", options->pool_size, "Units that are pooled")
      ->check(CLI::Range(1, 1000));
  command->callback([options, action] {
    *action = [options](Context* context) { return Theory(*options, context); };
  });
}

}  // namespace firstguess

#include "tools/firstguess/help_formatter.h"

#include "CLI/App.hpp"
#include "absl/strings/str_cat.h"

namespace firstguess {

HelpFormatter::HelpFormatter() {
  column_width(26);
  label("Positionals", "Arguments");
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  if (option->get_positional() || option->get_type_size() == 0) return "";
  // What follows a colon are the values allowed; the description says them better.
  const std::string type = option->get_type_name();
  return absl::StrCat(" ", type.substr(0, type.find(':')));
}

std::string HelpFormatter::make_usage(const CLI::App* app, std::string name) const {
  std::string usage = absl::StrCat("Usage: ", name);
  const auto positionals =
      app->get_options([](const CLI::Option* option) { return option->get_positional(); });
  for (const CLI::Option* option : positionals) {
    const std::string positional = option->get_name(true);
    absl::StrAppend(&usage, " ",
                    option->get_required() ? positional : absl::StrCat("[", positional, "]"));
  }
  const bool has_commands = !app->get_subcommands({}).empty();
  if (has_commands && app->get_parent() == nullptr) return absl::StrCat(usage, " COMMAND\n");
  return absl::StrCat(usage, has_commands ? " [COMMAND]" : "", " [OPTIONS]\n");
}

}  // namespace firstguess

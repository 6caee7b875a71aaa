#pragma once

#include <string>

#include "CLI/Formatter.hpp"

namespace firstguess {

// How --help is laid out: an option is its name, what it takes and its default; fits 100 columns.
class HelpFormatter final : public CLI::Formatter {
 public:
  HelpFormatter();

  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_usage(const CLI::App* app, std::string name) const override;
};

}  // namespace firstguess

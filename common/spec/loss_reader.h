#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/spec/scalar_reader.h"

namespace firstguess {

// A loss stands as its name (all defaults) or as a map of its name to parameters:
//   blurry
//   blurry: {gamma: 0.3}

// One loss, with one value for each parameter.
std::optional<Loss> ReadLoss(const YamlNode& node, ReadContext& context);

// A list of losses. A parameter may have several values (`values_reader.h`): an axis of that loss
// only, so that the entry stands for the product of its parameters, the last varying fastest.
std::optional<std::vector<PlacedValue>> ReadLossAxis(const YamlNode& node, ReadContext& context);

// A loss in part: its name, and for some of its parameters the values that fit.
struct LossPattern {
  std::string name;
  std::map<std::string, std::vector<Loss::Parameter>> parameters;

  bool Fits(const Loss& loss) const;
};

// Written like a loss on an axis; a parameter that is not named may be anything.
std::optional<LossPattern> ReadLossPattern(const YamlNode& node, ReadContext& context);

}  // namespace firstguess

#pragma once

#include <cstdint>
#include <string>

namespace firstguess {

// In decimal, at the end of `text`.
void AppendInteger(int64_t value, std::string* text);

// The fewest digits that read back as the same number, with a point or an exponent, so that readers
// take it for a real: 1.0, 0.1, 1e+30. Infinities are inf and -inf.
void AppendReal(double value, std::string* text);

}  // namespace firstguess

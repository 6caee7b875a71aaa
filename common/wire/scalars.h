#pragma once

#include <cmath>
#include <cstddef>

namespace firstguess {

// A measured number of a struct and its optional field in a message. Tables of these say which
// belong together; a number that is not finite is absent in the message and NaN in the struct.
template <typename Struct, typename Message>
struct Scalar {
  double Struct::*member;
  bool (Message::*has)() const;
  double (Message::*get)() const;
  void (Message::*set)(double);
};

template <typename Struct, typename Message, size_t n>
void ScalarsToProto(const Scalar<Struct, Message> (&scalars)[n], const Struct& from, Message& to) {
  for (const Scalar<Struct, Message>& scalar : scalars) {
    const double value = from.*scalar.member;
    if (std::isfinite(value)) (to.*scalar.set)(value);
  }
}

// `to` has NaN in all of them.
template <typename Struct, typename Message, size_t n>
void ScalarsFromProto(const Scalar<Struct, Message> (&scalars)[n], const Message& from,
                      Struct& to) {
  for (const Scalar<Struct, Message>& scalar : scalars) {
    const double value = (from.*scalar.get)();
    if ((from.*scalar.has)() && std::isfinite(value)) to.*scalar.member = value;
  }
}

}  // namespace firstguess

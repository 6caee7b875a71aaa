#include "tools/firstguess/spec_change.h"

#include "absl/strings/str_cat.h"
#include "tools/firstguess/format.h"

namespace firstguess {

SpecChange FromProto(const v1::SpecChange& change) {
  return {.revision = change.revision(),
          .kept = change.cells_kept(),
          .added = change.cells_added(),
          .dropped = change.cells_dropped(),
          .known = change.trials_known(),
          .known_is_exact = change.known_is_exact()};
}

nlohmann::ordered_json ToJson(const SpecChange& change) {
  return {{"revision", change.revision},  {"cells_kept", change.kept},
          {"cells_added", change.added},  {"cells_dropped", change.dropped},
          {"trials_known", change.known}, {"known_is_exact", change.known_is_exact}};
}

std::string InWords(const SpecChange& change) {
  const std::string known =
      change.known == 0 ? ""
                        : absl::StrCat(" (", change.known_is_exact ? "" : "about ",
                                       FormatCount(change.known), " of them known already)");
  return absl::StrCat(FormatCountOf(change.kept, "cell"), " kept, ", FormatCount(change.added),
                      " added", known, ", ", FormatCount(change.dropped), " dropped");
}

}  // namespace firstguess

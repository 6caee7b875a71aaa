#include "coordinator/store/sqlite/multi_row_insert.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/store/sqlite/prepare.h"

namespace firstguess::sqlite {

absl::Status MultiRowInsert::Prepare(Database* database, const std::string& into, int columns,
                                     size_t rows) {
  rows_ = rows;
  const std::string row = absl::StrCat(
      "(", absl::StrJoin(std::vector<std::string>(static_cast<size_t>(columns), "?"), ", "), ")");
  return PrepareAll(
      database, {{&one_, absl::StrCat(into, " VALUES ", row)},
                 {&many_, absl::StrCat(into, " VALUES ",
                                       absl::StrJoin(std::vector<std::string>(rows, row), ", "))}});
}

}  // namespace firstguess::sqlite

#include "coordinator/store/schema.h"

namespace firstguess {

// Views that DuckDB reads too (views.h), and the same enumerations, compared one by one: SQLite
// builds a table in memory for `IN (…)` of more than two, at every row that is written, which took
// a third of the time of a trial without measurements. Only the text of a CHECK can be altered
// (https://www.sqlite.org/lang_altertable.html, section 7); the old text is whatever stands between
// the parentheses.
const absl::string_view kSchemaVersion6 = R"sql(
CREATE TEMP TABLE new_check (changed TEXT, was TEXT, new TEXT);
INSERT INTO new_check VALUES
 ('trial', 'CHECK (status IN (',
  'CHECK (status = ''pending'' OR status = ''leased'' OR status = ''done''
                          OR status = ''failed'' OR status = ''cancelled'')'),
 ('trial', 'CHECK (failure_class IN (',
  'CHECK (failure_class = ''crash'' OR failure_class = ''timeout''
                          OR failure_class = ''out_of_memory'' OR failure_class = ''lost''
                          OR failure_class = ''preempted'' OR failure_class = ''invalid''
                          OR failure_class = ''init_condition'')'),
 ('lease', 'CHECK (outcome IN (',
  'CHECK (outcome = ''finished'' OR outcome = ''returned'' OR outcome = ''dropped''
                     OR outcome = ''expired'' OR outcome = ''crash'' OR outcome = ''timeout''
                     OR outcome = ''out_of_memory'' OR outcome = ''preempted''
                     OR outcome = ''incapable'' OR outcome = ''lost'')'),
 ('attempt', 'CHECK (outcome IN (',
  'CHECK (outcome = ''finished'' OR outcome = ''returned'' OR outcome = ''dropped''
                    OR outcome = ''expired'' OR outcome = ''crash'' OR outcome = ''timeout''
                    OR outcome = ''out_of_memory'' OR outcome = ''preempted''
                    OR outcome = ''incapable'' OR outcome = ''lost'' OR outcome = ''invalid''
                    OR outcome = ''init_condition'')');
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = substr(sql, 1, instr(sql, was) - 1) || new ||
          substr(sql, instr(sql, was) + instr(substr(sql, instr(sql, was)), '))') + 1)
FROM new_check WHERE type = 'table' AND name = changed AND instr(sql, was) > 0;
-- Once more: a trial has two.
UPDATE sqlite_schema
SET sql = substr(sql, 1, instr(sql, was) - 1) || new ||
          substr(sql, instr(sql, was) + instr(substr(sql, instr(sql, was)), '))') + 1)
FROM new_check WHERE type = 'table' AND name = changed AND instr(sql, was) > 0;
PRAGMA writable_schema = RESET;
DROP TABLE new_check;
)sql";

}  // namespace firstguess

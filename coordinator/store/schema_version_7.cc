#include "coordinator/store/schema.h"

namespace firstguess {

// A plan is gone on with by the rules that it was begun by (coordinator/grid/pack_plan.h). SQLite
// puts the new column before the comment of the one before it; the two change places.
const absl::string_view kSchemaVersion7 = R"sql(
ALTER TABLE sweep_revision ADD COLUMN plan_rules INTEGER NOT NULL DEFAULT 1;
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql, ', plan_rules INTEGER NOT NULL DEFAULT 1,  -- submission',
                  ',  -- submission' || char(10) || '  plan_rules   INTEGER NOT NULL DEFAULT 1,'
                  || '  -- how its cells are cut in packs: 1 equally, 2 smaller towards the end')
WHERE type = 'table' AND name = 'sweep_revision';
PRAGMA writable_schema = RESET;
)sql";

}  // namespace firstguess

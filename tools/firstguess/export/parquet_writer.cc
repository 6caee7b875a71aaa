#include <dlfcn.h>

#include "tools/firstguess/export/parquet_module.h"
#include "tools/firstguess/export/table_writer.h"

namespace firstguess {

absl::StatusOr<std::unique_ptr<TableWriter>> MakeParquetWriter(const std::string& path,
                                                               const TableColumns& columns) {
  // Stays open: writers use its code.
  static void* const module = ::dlopen(kParquetModule, RTLD_NOW | RTLD_LOCAL);
  void* const function = module == nullptr ? nullptr : ::dlsym(module, kParquetFunction);
  if (function == nullptr) {
    return absl::UnimplementedError("this program was built without Parquet");
  }
  absl::StatusOr<std::unique_ptr<TableWriter>> writer;
  reinterpret_cast<ParquetFunction*>(function)(&path, &columns, &writer);
  return writer;
}

}  // namespace firstguess

#include "tests/coordinator/store/fault_vfs.h"

#include <sqlite3.h>

#include <atomic>
#include <cstddef>
#include <new>

namespace firstguess {
namespace {

// SQLite calls back through plain function pointers, so that the state is one per process.
std::atomic<int64_t> operations_count = 0;
std::atomic<int64_t> first_failing = 0;  // 0: none
std::atomic<bool> fails_on = false;      // all that follow, too
std::atomic<bool> is_full = false;
std::atomic<bool> failed = false;
sqlite3_vfs* real_vfs = nullptr;
sqlite3_vfs shim_vfs;

// Counts an operation; whether it must fail.
bool Fails() {
  const int64_t number = ++operations_count;
  const int64_t first = first_failing;
  const bool fails = first > 0 && (number == first || (number > first && fails_on));
  if (fails) failed = true;
  return fails;
}

int ErrorOf(int io_error) { return is_full ? SQLITE_FULL : io_error; }

// The real file lies behind this struct, in the memory that SQLite gave.
struct ShimFile {
  sqlite3_file base;
  sqlite3_file* real;
};

sqlite3_file* RealOf(sqlite3_file* file) { return reinterpret_cast<ShimFile*>(file)->real; }

int Close(sqlite3_file* file) { return RealOf(file)->pMethods->xClose(RealOf(file)); }
int Read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  return RealOf(file)->pMethods->xRead(RealOf(file), data, size, offset);
}
int WriteToFile(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  if (Fails()) {
    // As a disk that fills up does: some of it is written.
    RealOf(file)->pMethods->xWrite(RealOf(file), data, size / 2, offset);
    return ErrorOf(SQLITE_IOERR_WRITE);
  }
  return RealOf(file)->pMethods->xWrite(RealOf(file), data, size, offset);
}
int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (Fails()) return ErrorOf(SQLITE_IOERR_TRUNCATE);
  return RealOf(file)->pMethods->xTruncate(RealOf(file), size);
}
int Sync(sqlite3_file* file, int flags) {
  if (Fails()) return ErrorOf(SQLITE_IOERR_FSYNC);
  return RealOf(file)->pMethods->xSync(RealOf(file), flags);
}
int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  return RealOf(file)->pMethods->xFileSize(RealOf(file), size);
}
int Lock(sqlite3_file* file, int lock) { return RealOf(file)->pMethods->xLock(RealOf(file), lock); }
int Unlock(sqlite3_file* file, int lock) {
  return RealOf(file)->pMethods->xUnlock(RealOf(file), lock);
}
int CheckReservedLock(sqlite3_file* file, int* result) {
  return RealOf(file)->pMethods->xCheckReservedLock(RealOf(file), result);
}
int FileControl(sqlite3_file* file, int operation, void* argument) {
  return RealOf(file)->pMethods->xFileControl(RealOf(file), operation, argument);
}
int SectorSize(sqlite3_file* file) { return RealOf(file)->pMethods->xSectorSize(RealOf(file)); }
int DeviceCharacteristics(sqlite3_file* file) {
  return RealOf(file)->pMethods->xDeviceCharacteristics(RealOf(file));
}
int ShmMap(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  if (extend != 0 && Fails()) return ErrorOf(SQLITE_IOERR_SHMSIZE);
  return RealOf(file)->pMethods->xShmMap(RealOf(file), page, size, extend, memory);
}
int ShmLock(sqlite3_file* file, int offset, int n, int flags) {
  return RealOf(file)->pMethods->xShmLock(RealOf(file), offset, n, flags);
}
void ShmBarrier(sqlite3_file* file) { RealOf(file)->pMethods->xShmBarrier(RealOf(file)); }
int ShmUnmap(sqlite3_file* file, int remove) {
  return RealOf(file)->pMethods->xShmUnmap(RealOf(file), remove);
}

constexpr sqlite3_io_methods kMethods = {2,
                                         Close,
                                         Read,
                                         WriteToFile,
                                         Truncate,
                                         Sync,
                                         FileSize,
                                         Lock,
                                         Unlock,
                                         CheckReservedLock,
                                         FileControl,
                                         SectorSize,
                                         DeviceCharacteristics,
                                         ShmMap,
                                         ShmLock,
                                         ShmBarrier,
                                         ShmUnmap,
                                         nullptr,
                                         nullptr};

int Open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  auto* shim = new (file) ShimFile;
  shim->base.pMethods = nullptr;
  shim->real = reinterpret_cast<sqlite3_file*>(shim + 1);
  const int code = real_vfs->xOpen(real_vfs, path, shim->real, flags, out_flags);
  if (shim->real->pMethods != nullptr) shim->base.pMethods = &kMethods;
  return code;
}

}  // namespace

FaultVfs::FaultVfs() {
  Repair();
  real_vfs = sqlite3_vfs_find(nullptr);
  // All but files is left to the real one's functions.
  shim_vfs = *real_vfs;
  shim_vfs.zName = name().c_str();
  shim_vfs.szOsFile = static_cast<int>(sizeof(ShimFile)) + real_vfs->szOsFile;
  shim_vfs.pNext = nullptr;
  shim_vfs.xOpen = Open;
  sqlite3_vfs_register(&shim_vfs, 0);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(&shim_vfs); }

const std::string& FaultVfs::name() const {
  static const auto* const name = new std::string("firstguess-fault");
  return *name;
}

void FaultVfs::FailOnce(int64_t n, Fault fault) {
  Repair();
  is_full = fault == Fault::kFull;
  fails_on = false;
  first_failing = n;
}

void FaultVfs::FailFrom(int64_t n, Fault fault) {
  Repair();
  is_full = fault == Fault::kFull;
  fails_on = true;
  first_failing = n;
}

void FaultVfs::Repair() {
  first_failing = 0;
  operations_count = 0;
  failed = false;
}

int64_t FaultVfs::operations() const { return operations_count; }

bool FaultVfs::has_failed() const { return failed; }

}  // namespace firstguess

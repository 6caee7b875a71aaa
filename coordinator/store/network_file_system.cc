#include "coordinator/store/network_file_system.h"

#include <sys/vfs.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

struct Kind {
  uint32_t magic;
  absl::string_view name;
};

// From linux/magic.h and the file systems' own headers.
constexpr Kind kNetworkFileSystems[] = {
    {0x6969, "NFS"},       {0xFF534D42, "CIFS"},   {0xFE534D42, "SMB2"}, {0x517B, "SMB"},
    {0x5346414F, "AFS"},   {0x73757245, "Coda"},   {0x564C, "NCP"},      {0x01021997, "9P"},
    {0x00C36400, "Ceph"},  {0x0BD00BD0, "Lustre"}, {0x47504653, "GPFS"}, {0x19830326, "BeeGFS"},
    {0x20030528, "PVFS2"}, {0xAAD7AAEA, "PanFS"},  {0x01161970, "GFS2"}, {0x7461636F, "OCFS2"},
};

}  // namespace

absl::string_view NetworkFileSystemName(int64_t magic) {
  for (const Kind& kind : kNetworkFileSystems) {
    if (kind.magic == static_cast<uint32_t>(magic)) return kind.name;
  }
  return "";
}

absl::Status CheckKindOfFileSystem(const std::string& folder, int64_t magic) {
  const absl::string_view name = NetworkFileSystemName(magic);
  if (name.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      folder, " is on a network file system (", name,
      "), where SQLite can't protect the database: put it on a disk of this machine, for instance "
      "below /var/tmp, and copy it here with 'firstguess backup'; workers need no access to it"));
}

absl::Status CheckLocalFileSystem(const std::string& folder) {
  struct statfs info = {};
  if (statfs(folder.c_str(), &info) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("looking at the file system of ", folder));
  }
  return CheckKindOfFileSystem(folder, static_cast<int64_t>(info.f_type));
}

}  // namespace firstguess

#include "common/rpc/tls_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/certificates/certificate.h"
#include "common/certificates/certificate_files.h"
#include "common/secret_file.h"

namespace firstguess {
namespace {

constexpr unsigned kReadEverySeconds = 1;

absl::Status In(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

absl::Status CheckKeyMode(const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0 || IsPrivate(info, ::geteuid())) {
    return absl::OkStatus();  // a missing file is found out elsewhere
  }
  return NotPrivate(path, "the key");
}

}  // namespace

absl::Status CheckTlsFolder(const std::string& folder) {
  const std::string certificate_path = folder + "/tls.crt";
  const std::string key_path = folder + "/tls.key";
  const std::string authority_path = folder + "/ca.crt";
  const absl::StatusOr<std::string> certificate = ReadWhole(certificate_path);
  if (!certificate.ok()) return certificate.status();
  const absl::StatusOr<std::string> key = ReadWhole(key_path);
  if (!key.ok()) return key.status();
  const absl::StatusOr<std::string> authority = ReadWhole(authority_path);
  if (!authority.ok()) return authority.status();
  if (absl::Status status = CheckKeyMode(key_path); !status.ok()) return status;

  const absl::StatusOr<CertificateFacts> facts = ReadCertificate(*certificate);
  if (!facts.ok()) return In(certificate_path, facts.status());
  if (absl::Status status = CheckKeyOf(*certificate, *key); !status.ok()) {
    return In(key_path, status);
  }
  const absl::Status believed = ReadCertificate(*authority).status();
  if (!believed.ok()) return In(authority_path, believed);
  if (facts->ends < absl::Now()) {
    return absl::InvalidArgumentError(absl::StrCat(certificate_path, " has expired at ",
                                                   absl::FormatTime(facts->ends),
                                                   ": have a new one issued"));
  }
  return absl::OkStatus();
}

std::shared_ptr<grpc::experimental::CertificateProviderInterface> WatchTlsFolder(
    const std::string& folder) {
  return std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      folder + "/tls.key", folder + "/tls.crt", folder + "/ca.crt", kReadEverySeconds);
}

}  // namespace firstguess

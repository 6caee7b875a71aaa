#include "common/certificates/authority.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/certificates/certificate_files.h"
#include "common/certificates/signing.h"
#include "common/role.h"
#include "common/secret_file.h"

namespace firstguess {
namespace {

constexpr size_t kLongestName = 64;  // bytes, X.509's
// Clocks of a cluster differ a little.
constexpr absl::Duration kBackdated = absl::Minutes(5);

bool IsAuthorityName(absl::string_view text) {
  return !text.empty() && text.size() <= kLongestName &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' ||
                  c == '-';
         });
}

bool IsIpAddress(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> address = {};
  return inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

absl::Status CheckRequest(const Authority::Request& request) {
  if (!IsAuthorityName(request.name)) {
    return absl::InvalidArgumentError(absl::StrCat("\"", request.name,
                                                   "\" is no name for a certificate: it has 1 to ",
                                                   kLongestName, " letters, digits and . _ -"));
  }
  const bool coordinator = request.role == Authority::kCoordinator;
  if (!coordinator && !FindRole(request.role).has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("there is no role \"", request.role,
                     "\": say viewer, submitter, worker, admin or coordinator"));
  }
  if (coordinator && request.hosts.empty()) {
    return absl::InvalidArgumentError(
        "a coordinator's certificate names the hosts at which it is reached: say --host NAME");
  }
  for (const std::string& host : request.hosts) {
    if (IsIpAddress(host) || IsAuthorityName(host)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("\"", host, "\" is neither a DNS name nor an IP address"));
  }
  if (request.lifetime < absl::Hours(1)) {
    return absl::InvalidArgumentError("a certificate lasts an hour at least");
  }
  return absl::OkStatus();
}

std::string AlternativeNames(const Authority::Request& request) {
  std::string names = absl::StrCat("URI:", kRoleUri, request.role);
  for (const std::string& host : request.hosts) {
    absl::StrAppend(&names, IsIpAddress(host) ? ",IP:" : ",DNS:", host);
  }
  return names;
}

}  // namespace

absl::Status Authority::Init(const std::string& folder, absl::Duration lifetime, absl::Time now) {
  std::error_code error;
  if (std::filesystem::exists(folder + "/ca.key", error)) {
    return absl::AlreadyExistsError(absl::StrCat("there is an authority in ", folder));
  }
  absl::StatusOr<signing::KeyPair> pair = signing::MakeAuthority(now - kBackdated, now + lifetime);
  if (!pair.ok()) return pair.status();
  const absl::StatusOr<std::string> list = signing::MakeRevocationList({}, "", *pair, now);
  if (!list.ok()) return list.status();
  absl::Status status = MakePrivateFolder(folder);
  if (status.ok()) status = MakePrivateFolder(folder + "/issued");
  if (status.ok()) status = WriteWhole(folder + "/ca.crl", *list, kReadableMode);
  if (status.ok()) status = WriteWhole(folder + "/ca.crt", pair->certificate, kReadableMode);
  if (status.ok()) status = WriteWhole(folder + "/ca.key", pair->key, kPrivateMode);
  return status;
}

absl::StatusOr<Authority> Authority::Open(const std::string& folder) {
  const absl::StatusOr<std::string> key =
      ReadPrivateFile(folder + "/ca.key", "the authority's key");
  if (!key.ok()) return key.status();
  const absl::StatusOr<std::string> certificate = ReadWhole(folder + "/ca.crt");
  if (!certificate.ok()) return certificate.status();
  return Authority(folder, *certificate, *key);
}

absl::StatusOr<CertificateFacts> Authority::Issue(const Request& request, absl::Time now) const {
  if (absl::Status status = CheckRequest(request); !status.ok()) return status;
  const absl::StatusOr<CertificateFacts> own = ReadCertificate(certificate_);
  if (!own.ok()) return own.status();
  // What outlives its authority is worth nothing.
  const absl::Time ends = std::min(now + request.lifetime, own->ends);
  const absl::StatusOr<signing::KeyPair> pair =
      signing::Sign({.name = request.name,
                     .alternative_names = AlternativeNames(request),
                     .server = request.role == kCoordinator},
                    {certificate_, key_}, now - kBackdated, ends);
  if (!pair.ok()) return pair.status();
  absl::StatusOr<CertificateFacts> facts = ReadCertificate(pair->certificate);
  if (!facts.ok()) return facts.status();
  const absl::StatusOr<std::string> list = RevocationList();
  if (!list.ok()) return list.status();

  // Known here before it is anywhere else, so that it can be revoked.
  absl::Status status = WriteWhole(absl::StrCat(folder_, "/issued/", facts->serial, ".crt"),
                                   pair->certificate, kReadableMode);
  const std::string& to = request.folder;
  if (status.ok()) status = MakePrivateFolder(to);
  if (status.ok()) status = WriteWhole(to + "/ca.crt", certificate_, kReadableMode);
  if (status.ok()) status = WriteWhole(to + "/ca.crl", *list, kReadableMode);
  if (status.ok()) status = WriteWhole(to + "/tls.key", pair->key, kPrivateMode);
  if (status.ok()) status = WriteWhole(to + "/tls.crt", pair->certificate, kReadableMode);
  if (!status.ok()) return status;
  return facts;
}

absl::StatusOr<std::vector<CertificateFacts>> Authority::Revoke(const std::string& name,
                                                                absl::Time now) const {
  const absl::StatusOr<std::vector<Issued>> issued = List();
  if (!issued.ok()) return issued.status();
  const absl::StatusOr<std::string> previous = RevocationList();
  if (!previous.ok()) return previous.status();
  bool known = false;
  std::vector<CertificateFacts> revoked;
  std::vector<std::string> serials;
  for (const Issued& one : *issued) {
    if (one.facts.name != name && one.facts.serial != name) continue;
    known = true;
    if (one.revoked) continue;
    revoked.push_back(one.facts);
    serials.push_back(one.facts.serial);
  }
  if (!known) {
    return absl::NotFoundError(
        absl::StrCat("the authority in ", folder_, " has issued no certificate to \"", name, "\""));
  }
  const absl::StatusOr<std::string> list =
      signing::MakeRevocationList(serials, *previous, {certificate_, key_}, now);
  if (!list.ok()) return list.status();
  if (absl::Status status = WriteWhole(folder_ + "/ca.crl", *list, kReadableMode); !status.ok()) {
    return status;
  }
  return revoked;
}

absl::StatusOr<std::vector<Authority::Issued>> Authority::List() const {
  const absl::StatusOr<std::string> list = RevocationList();
  if (!list.ok()) return list.status();
  const std::vector<std::string> serials = signing::SerialsIn(*list);
  const std::set<std::string> revoked(serials.begin(), serials.end());
  std::vector<Issued> issued;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/issued", error)) {
    if (entry.path().extension() != ".crt") continue;
    const absl::StatusOr<std::string> pem = ReadWhole(entry.path());
    if (!pem.ok()) return pem.status();
    absl::StatusOr<CertificateFacts> facts = ReadCertificate(*pem);
    if (!facts.ok()) {
      return absl::DataLossError(absl::StrCat(entry.path().string(), " is no certificate"));
    }
    const bool is_revoked = revoked.count(facts->serial) > 0;
    issued.push_back({.facts = *std::move(facts), .revoked = is_revoked});
  }
  if (error) return absl::DataLossError(absl::StrCat(folder_, "/issued: ", error.message()));
  std::sort(issued.begin(), issued.end(), [](const Issued& a, const Issued& b) {
    return std::tie(a.facts.name, a.facts.ends, a.facts.serial) <
           std::tie(b.facts.name, b.facts.ends, b.facts.serial);
  });
  return issued;
}

absl::StatusOr<std::string> Authority::RevocationList() const {
  return ReadWhole(folder_ + "/ca.crl");
}

}  // namespace firstguess

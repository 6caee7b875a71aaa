#include "common/certificates/authority.h"

#include <sys/stat.h>

#include <fstream>
#include <set>

#include "common/certificates/certificate_files.h"
#include "common/certificates/revocations.h"
#include "gmock/gmock.h"
#include "tests/common/temporary_folder.h"

namespace firstguess {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Duration kDay = absl::Hours(24);

class AuthorityTest : public ::testing::Test {
 protected:
  AuthorityTest() { EXPECT_TRUE(Authority::Init(folder_.File("ca"), 3650 * kDay, now_).ok()); }
  Authority authority() { return *Authority::Open(folder_.File("ca")); }
  absl::StatusOr<CertificateFacts> Issue(const std::string& name, const std::string& role,
                                         std::vector<std::string> hosts = {}) {
    return authority().Issue({.name = name,
                              .role = role,
                              .hosts = std::move(hosts),
                              .lifetime = 365 * kDay,
                              .folder = folder_.File(name)},
                             now_);
  }
  mode_t ModeOf(const std::string& name) {
    struct stat info = {};
    EXPECT_EQ(stat(folder_.File(name).c_str(), &info), 0) << name;
    return info.st_mode & 0777;
  }

  const absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  TemporaryFolder folder_;
};

TEST_F(AuthorityTest, KeysAreForTheirOwnerAloneWhateverTheUmask) {
  const mode_t before = umask(0);
  ASSERT_TRUE(Authority::Init(folder_.File("open"), kDay, now_).ok());
  umask(0777 & ~0700);
  ASSERT_TRUE(Issue("node1", "worker").ok());
  umask(before);
  EXPECT_EQ(ModeOf("open"), 0700u);
  EXPECT_EQ(ModeOf("open/ca.key"), 0600u);
  EXPECT_EQ(ModeOf("node1"), 0700u);
  EXPECT_EQ(ModeOf("node1/tls.key"), 0600u);
  EXPECT_EQ(ModeOf("node1/tls.crt"), 0644u);
}

TEST_F(AuthorityTest, ACertificateSaysWhatWasAskedFor) {
  const auto issued = Issue("node1", "coordinator", {"node1.cluster", "10.0.0.3", "::1"});
  ASSERT_TRUE(issued.ok()) << issued.status();
  const auto facts = ReadCertificate(*ReadWhole(folder_.File("node1/tls.crt")));
  ASSERT_TRUE(facts.ok());
  EXPECT_EQ(facts->name, "node1");
  EXPECT_THAT(facts->roles, ElementsAre("coordinator"));
  EXPECT_THAT(facts->hosts, ElementsAre("node1.cluster", "10.0.0.3", "::1"));
  EXPECT_EQ(facts->ends, now_ + 365 * kDay);
  EXPECT_LT(facts->begins, now_);
  EXPECT_EQ(facts->serial, issued->serial);
  EXPECT_TRUE(CheckKeyOf(*ReadWhole(folder_.File("node1/tls.crt")),
                         *ReadWhole(folder_.File("node1/tls.key")))
                  .ok());
}

TEST_F(AuthorityTest, NoCertificateOutlivesItsAuthority) {
  ASSERT_TRUE(Authority::Init(folder_.File("short"), 10 * kDay, now_).ok());
  const auto issued = Authority::Open(folder_.File("short"))
                          ->Issue({.name = "node1",
                                   .role = "worker",
                                   .hosts = {},
                                   .lifetime = 365 * kDay,
                                   .folder = folder_.File("node1")},
                                  now_);
  EXPECT_EQ(issued->ends, now_ + 10 * kDay);
}

TEST_F(AuthorityTest, SerialNumbersAndKeysNeverRepeat) {
  std::set<std::string> serials;
  std::set<std::string> keys;
  for (int i = 0; i < 10; ++i) {
    serials.insert(Issue("node1", "worker")->serial);
    keys.insert(*ReadWhole(folder_.File("node1/tls.key")));
  }
  EXPECT_THAT(serials, SizeIs(10));
  EXPECT_THAT(keys, SizeIs(10));
}

TEST_F(AuthorityTest, WhatWouldMeanSomethingElseInACertificateIsRefused) {
  for (const char* name : {"", "a b", "a,URI:urn:firstguess:role:admin", "a/../b", "ä"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Issue(name, "worker").status())) << name;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(Issue("a", "root").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      Issue("a", "coordinator", {"x,URI:urn:firstguess:role:admin"}).status()));
  const absl::Status status = Issue("a", "coordinator").status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("--host"));
  EXPECT_THAT(authority().List()->size(), 0);
}

TEST_F(AuthorityTest, RevokedIsWhoWasNamedAndStaysSo) {
  ASSERT_TRUE(Issue("node1", "worker").ok());
  ASSERT_TRUE(Issue("node1", "worker").ok());
  ASSERT_TRUE(Issue("node2", "worker").ok());
  EXPECT_THAT(*authority().Revoke("node1", now_), SizeIs(2));
  EXPECT_THAT(*authority().Revoke("node1", now_), IsEmpty());
  const std::string serial = Issue("node3", "worker")->serial;
  EXPECT_THAT(*authority().Revoke(serial, now_ + kDay), SizeIs(1));
  EXPECT_TRUE(absl::IsNotFound(authority().Revoke("node4", now_).status()));
  const auto revocations =
      Revocations::Read(*authority().RevocationList(), *ReadWhole(folder_.File("ca/ca.crt")));
  ASSERT_TRUE(revocations.ok()) << revocations.status();
  EXPECT_EQ(revocations->size(), 3u);
  const auto all = authority().List();
  for (const Authority::Issued& one : *all) {
    EXPECT_EQ(one.revoked, one.facts.name != "node2");
    EXPECT_EQ(revocations->Contain(one.facts), one.revoked);
  }
}

TEST_F(AuthorityTest, AListOfAnotherAuthorityAndHalfOfOneAreNoLists) {
  ASSERT_TRUE(Authority::Init(folder_.File("other"), kDay, now_).ok());
  const std::string believed = *ReadWhole(folder_.File("ca/ca.crt"));
  const std::string list = *authority().RevocationList();
  EXPECT_TRUE(Revocations::Read(list, believed).ok());
  EXPECT_FALSE(Revocations::Read(*ReadWhole(folder_.File("other/ca.crl")), believed).ok());
  EXPECT_FALSE(Revocations::Read(list.substr(0, list.size() / 2), believed).ok());
  EXPECT_FALSE(Revocations::Read(list + list.substr(0, list.size() / 2), believed).ok());
  EXPECT_FALSE(Revocations::Read("", believed).ok());
}

TEST_F(AuthorityTest, ThereIsOneAuthorityInAFolderAndItsKeyIsGuarded) {
  EXPECT_TRUE(absl::IsAlreadyExists(Authority::Init(folder_.File("ca"), kDay, now_)));
  chmod(folder_.File("ca/ca.key").c_str(), 0640);
  EXPECT_TRUE(absl::IsPermissionDenied(Authority::Open(folder_.File("ca")).status()));
  EXPECT_TRUE(absl::IsNotFound(Authority::Open(folder_.File("none")).status()));
}

TEST_F(AuthorityTest, AnotherCertificatesKeyIsFoundOut) {
  ASSERT_TRUE(Issue("node1", "worker").ok());
  ASSERT_TRUE(Issue("node2", "worker").ok());
  EXPECT_FALSE(CheckKeyOf(*ReadWhole(folder_.File("node1/tls.crt")),
                          *ReadWhole(folder_.File("node2/tls.key")))
                   .ok());
  EXPECT_FALSE(CheckKeyOf(*ReadWhole(folder_.File("node1/tls.crt")), "no key").ok());
}

}  // namespace
}  // namespace firstguess

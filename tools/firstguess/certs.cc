#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/certificates/authority.h"
#include "common/certificates/certificate_files.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/shell_word.h"
#include "tools/firstguess/table.h"

namespace firstguess {
namespace {

constexpr int kAuthorityDays = 3650;
constexpr int kCertificateDays = 365;

struct CertsOptions {
  bool json = false;
  std::string action;
  std::string name;
  std::string authority = "firstguess-ca";
  std::string role;
  std::vector<std::string> hosts;
  int days = 0;
  std::string output;
  std::vector<std::string> lists;  // more places for the list of revoked certificates
};

std::string StateOf(const Authority::Issued& issued, absl::Time now) {
  if (issued.revoked) return "revoked";
  return issued.facts.ends < now ? "expired" : "valid";
}

nlohmann::ordered_json ToJson(const Authority::Issued& issued, absl::Time now) {
  return {{"name", issued.facts.name},
          {"role", absl::StrJoin(issued.facts.roles, " ")},
          {"hosts", issued.facts.hosts},
          {"serial", issued.facts.serial},
          {"begins_at", absl::ToUnixSeconds(issued.facts.begins)},
          {"expires_at", absl::ToUnixSeconds(issued.facts.ends)},
          {"state", StateOf(issued, now)}};
}

// `words` is what people are told.
int Answer(const CertsOptions& options, const std::vector<Authority::Issued>& certificates,
           const std::string& words, Context* context) {
  if (!options.json) {
    context->out->Write(words);
    return kExitDone;
  }
  nlohmann::ordered_json json = {{"action", options.action}, {"authority", options.authority}};
  json["certificates"] = nlohmann::ordered_json::array();
  for (const Authority::Issued& one : certificates) {
    json["certificates"].push_back(ToJson(one, context->clock->WallNow()));
  }
  if (!options.output.empty()) json["folder"] = options.output;
  context->out->Write(JsonText(json) + "\n");
  return kExitDone;
}

int Complain(const absl::Status& status, const CertsOptions& options, Context* context) {
  Failure failure{kExitInput, {}, absl::StrCat(status.message(), "."), ""};
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      failure.next = "'firstguess certs --help' shows how it is used.";
      break;
    case absl::StatusCode::kNotFound:
      failure.next =
          absl::StrCat("'firstguess certs list --ca ", ShellWord(options.authority),
                       "' shows what there is, 'firstguess certs init' makes a new authority.");
      break;
    case absl::StatusCode::kAlreadyExists:
      failure.next = "It is ready to issue certificates; --ca FOLDER makes another one.";
      break;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kResourceExhausted:
      failure.code = kExitRefused;
      failure.next = "Get permission and room there, or name another folder.";
      break;
    default:
      failure.code = kExitFailed;
      failure.next = "Keep the folder as it is, and look at the file that is named.";
  }
  return Report(failure, context);
}

int Init(const CertsOptions& options, Context* context) {
  const absl::Duration lifetime =
      absl::Hours(24 * (options.days > 0 ? options.days : kAuthorityDays));
  const absl::Status status =
      Authority::Init(options.authority, lifetime, context->clock->WallNow());
  if (!status.ok()) return Complain(status, options, context);
  return Answer(options, {},
                absl::StrCat("Authority: ", options.authority,
                             "\nKeep that folder to yourself: whoever has ca.key can let in "
                             "anybody.\n"),
                context);
}

int Issue(CertsOptions options, Context* context) {
  if (options.output.empty()) options.output = options.name;
  const absl::StatusOr<Authority> authority = Authority::Open(options.authority);
  if (!authority.ok()) return Complain(authority.status(), options, context);
  const absl::StatusOr<CertificateFacts> issued = authority->Issue(
      {.name = options.name,
       .role = options.role,
       .hosts = options.hosts,
       .lifetime = absl::Hours(24 * (options.days > 0 ? options.days : kCertificateDays)),
       .folder = options.output},
      context->clock->WallNow());
  if (!issued.ok()) return Complain(issued.status(), options, context);
  return Answer(
      options, {{.facts = *issued}},
      absl::StrCat("Certificate: ", options.output, " (", options.role, " ", options.name,
                   ", until ", FormatTime(static_cast<double>(absl::ToUnixSeconds(issued->ends))),
                   ")\nTake the folder to where it is used, as --tls FOLDER.\n"),
      context);
}

int Revoke(const CertsOptions& options, Context* context) {
  const absl::StatusOr<Authority> authority = Authority::Open(options.authority);
  if (!authority.ok()) return Complain(authority.status(), options, context);
  const absl::StatusOr<std::vector<CertificateFacts>> revoked =
      authority->Revoke(options.name, context->clock->WallNow());
  if (!revoked.ok()) return Complain(revoked.status(), options, context);
  const absl::StatusOr<std::string> list = authority->RevocationList();
  if (!list.ok()) return Complain(list.status(), options, context);
  for (const std::string& path : options.lists) {
    const absl::Status status = WriteWhole(path, *list, kReadableMode);
    if (!status.ok()) return Complain(status, options, context);
  }
  std::vector<Authority::Issued> certificates;
  for (const CertificateFacts& facts : *revoked) {
    certificates.push_back({.facts = facts, .revoked = true});
  }
  std::string words =
      absl::StrCat("Revoked: ", FormatCountOf(static_cast<int64_t>(revoked->size()), "certificate"),
                   " of ", options.name, "\n");
  if (options.lists.empty()) {
    absl::StrAppend(&words, "A coordinator knows of it once ", options.authority,
                    "/ca.crl is in its --tls folder.\n");
  }
  return Answer(options, certificates, words, context);
}

int ListCertificates(const CertsOptions& options, Context* context) {
  const absl::StatusOr<Authority> authority = Authority::Open(options.authority);
  if (!authority.ok()) return Complain(authority.status(), options, context);
  const absl::StatusOr<std::vector<Authority::Issued>> issued = authority->List();
  if (!issued.ok()) return Complain(issued.status(), options, context);
  if (options.json) return Answer(options, *issued, "", context);
  Table table({{.heading = "NAME"},
               {.heading = "ROLE"},
               {.heading = "STATE"},
               {.heading = "UNTIL"},
               {.heading = "HOSTS"},
               {.heading = "SERIAL"}});
  for (const Authority::Issued& one : *issued) {
    table.AddRow({one.facts.name, absl::StrJoin(one.facts.roles, " "),
                  StateOf(one, context->clock->WallNow()),
                  FormatTime(static_cast<double>(absl::ToUnixSeconds(one.facts.ends))),
                  absl::StrJoin(one.facts.hosts, " "), one.facts.serial});
  }
  table.Print(context->out);
  return kExitDone;
}

int Certs(const CertsOptions& options, Context* context) {
  const bool named = options.action == "issue" || options.action == "revoke";
  if (named == options.name.empty()) {
    return Complain(absl::InvalidArgumentError(absl::StrCat(
                        "certs ", options.action, named ? " needs a NAME" : " takes no NAME")),
                    options, context);
  }
  if (options.action == "init") return Init(options, context);
  if (options.action == "issue") return Issue(options, context);
  if (options.action == "revoke") return Revoke(options, context);
  return ListCertificates(options, context);
}

}  // namespace

void AddCertsCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<CertsOptions>();
  CLI::App* command = AddCommand(
      app, "certs", "Certificates for coordinators that other machines reach",
      {{"certs init", "a new authority in firstguess-ca; SECURITY.md goes through all of it"},
       {"certs issue node1 --role coordinator --host node1 --host 10.0.0.1",
        "for firstguess-coordinator --listen 0.0.0.0:7171 --tls node1"},
       {"certs issue node2 --role worker",
        "for firstguess-worker --coordinator node1:7171 --tls node2"},
       {"certs revoke node2 --crl node1/ca.crl", "nobody comes in with it any more"},
       {"certs list", "what was issued, and until when"}},
      &options->json);
  command->add_option("ACTION", options->action, "init, issue, revoke or list")
      ->required()
      ->check(CLI::IsMember({"init", "issue", "revoke", "list"}));
  command->add_option("NAME", options->name,
                      "Of the holder, to issue or revoke; a serial number revokes that one alone");
  command
      ->add_option("--ca", options->authority, "The authority's folder; firstguess-ca if not said")
      ->type_name("FOLDER");
  command
      ->add_option("--role", options->role,
                   "What the holder may do: viewer, submitter, worker or admin; or coordinator")
      ->type_name("ROLE");
  command
      ->add_option("--host", options->hosts,
                   "A DNS name or IP address at which a coordinator is reached; repeatable")
      ->type_name("HOST");
  command
      ->add_option("--days", options->days,
                   absl::StrCat("How long it lasts; ", kCertificateDays,
                                " if not said, an authority ", kAuthorityDays))
      ->check(CLI::Range(1, 36500))
      ->type_name("INT");
  command
      ->add_option("--output", options->output,
                   "The folder for tls.crt, tls.key, ca.crt and ca.crl; NAME if not said")
      ->type_name("FOLDER");
  command
      ->add_option("--crl", options->lists,
                   "Another file for the list of revoked certificates; repeatable")
      ->type_name("FILE");
  command->callback([options, action] {
    *action = [options](Context* context) { return Certs(*options, context); };
  });
}

}  // namespace firstguess

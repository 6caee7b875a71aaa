#include "tools/firstguess/doctor/program_findings.h"

#include <grpcpp/grpcpp.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/datasets.h"
#include "nlohmann/json.hpp"
#include "tools/firstguess/format.h"
#include "tools/firstguess/run_program.h"

namespace firstguess {
namespace {

using Json = nlohmann::json;
using Level = Finding::Level;

// Loading LibTorch from a slow disk takes its time.
constexpr absl::Duration kProgramPatience = absl::Minutes(1);
constexpr char kReinstall[] = "Install all programs from one release, or build them again.";

std::string PathOf(const Context& context, absl::string_view program) {
  return absl::StrCat(context.program_folder, "/", program);
}

// Of a program that says "<name> <version>".
Finding VersionFinding(const Context& context, const std::string& program) {
  const absl::StatusOr<std::string> said =
      RunProgram({PathOf(context, program), "--version"}, kProgramPatience);
  if (absl::IsNotFound(said.status())) {
    return {"versions", Level::kWarning,
            absl::StrCat(program, " is not beside this program in ", context.program_folder, "."),
            kReinstall};
  }
  if (!said.ok()) {
    return {"versions", Level::kProblem, absl::StrCat(said.status().message(), "."), kReinstall};
  }
  const std::string expected = absl::StrCat(program, " ", FIRSTGUESS_VERSION);
  const absl::string_view line = absl::StripAsciiWhitespace(*said);
  if (line == expected) return {"versions", Level::kOk, absl::StrCat(line, ".")};
  return {
      "versions", Level::kProblem,
      absl::StrCat(PathOf(context, program), " is '", line, "', this is ", FIRSTGUESS_VERSION, "."),
      kReinstall};
}

Finding GpuFinding(const Json& described) {
  if (described.value("device", "") == "cuda") {
    return {"gpu", Level::kOk,
            absl::StrCat(described.value("device_name", ""), ", ",
                         FormatBytes(described.value("memory_bytes", int64_t{0})), ".")};
  }
  const std::string why = described.value("no_gpu_because", "");
  if (!std::filesystem::exists("/proc/driver/nvidia/version")) {
    return {"gpu", Level::kOk, "no NVIDIA driver; networks are trained on the CPU."};
  }
  return {
      "gpu", Level::kWarning,
      absl::StrCat("there is an NVIDIA driver, but the trainer can't use a GPU: ", why, "."),
      "Run tools/setup again (it adds the CUDA libraries when it sees a driver), then nvidia-smi."};
}

// Which published data sets there are, and where the others were looked for.
Finding DatasetFinding(const Json& described, std::vector<std::string> folders) {
  folders.push_back("/usr/share/datasets");
  const auto found = described.value("datasets", std::vector<std::string>());
  std::vector<std::string> missing;
  std::string how;
  for (const DatasetInfo& dataset : KnownDatasets()) {
    if (std::count(found.begin(), found.end(), dataset.name) > 0) continue;
    missing.push_back(dataset.name);
    if (how.empty()) how = dataset.how_to_get;
  }
  std::string text = absl::StrCat("found ", absl::StrJoin(found, ", "));
  if (!missing.empty()) {
    absl::StrAppend(&text, "; not found ", absl::StrJoin(missing, ", "), " (looked in ",
                    absl::StrJoin(folders, ", "), ")");
  }
  absl::StrAppend(&text, ".");
  if (missing.size() < KnownDatasets().size()) return {"data sets", Level::kOk, std::move(text)};
  return {"data sets", Level::kWarning, std::move(text),
          absl::StrCat("Generated data need no files. For ", missing.front(), ": ", how,
                       "; or name a folder with --data-dir.")};
}

Findings TrainerFindings(const std::vector<std::string>& data_folders, const Context& context) {
  std::vector<std::string> command = {PathOf(context, "firstguess-trainer"), "--describe"};
  for (const std::string& folder : data_folders) {
    command.insert(command.end(), {"--data-dir", folder});
  }
  const absl::StatusOr<std::string> said = RunProgram(command, kProgramPatience);
  if (absl::IsNotFound(said.status())) {
    return {{"versions", Level::kWarning,
             absl::StrCat("firstguess-trainer is not beside this program in ",
                          context.program_folder, ": no GPU and no data set was looked for."),
             "A machine with workers needs it: build with LibTorch (tools/setup, tools/build)."}};
  }
  const Json described = Json::parse(said.value_or(""), nullptr, /*allow_exceptions=*/false);
  if (!said.ok() || !described.is_object()) {
    return {{"trainer", Level::kProblem,
             absl::StrCat(said.ok() ? "firstguess-trainer --describe does not answer in JSON"
                                    : said.status().message(),
                          "."),
             kReinstall}};
  }
  Findings findings;
  const std::string version = described.value("version", "");
  if (version == FIRSTGUESS_VERSION) {
    findings.push_back({"versions", Level::kOk, absl::StrCat("firstguess-trainer ", version, ".")});
  } else {
    findings.push_back(
        {"versions", Level::kProblem,
         absl::StrCat("firstguess-trainer is '", version, "', this is ", FIRSTGUESS_VERSION, "."),
         kReinstall});
  }
  findings.push_back(GpuFinding(described));
  findings.push_back(DatasetFinding(described, data_folders));
  return findings;
}

}  // namespace

Findings ProgramFindings(const std::vector<std::string>& data_folders, const Context& context) {
  Findings findings = {{"versions", Level::kOk,
                        absl::StrCat("firstguess ", FIRSTGUESS_VERSION, ", SQLite ",
                                     sqlite3_libversion(), ", gRPC ", grpc::Version(), ".")}};
  for (const char* program : {"firstguess-coordinator", "firstguess-worker"}) {
    findings.push_back(VersionFinding(context, program));
  }
  for (Finding& finding : TrainerFindings(data_folders, context)) {
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace firstguess

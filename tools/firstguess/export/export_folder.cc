#include "tools/firstguess/export/export_folder.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

constexpr char kManifest[] = "manifest.json";
constexpr char kUnfinished[] = "manifest.json.part";

}  // namespace

absl::StatusOr<ExportFolder> ExportFolder::Open(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return absl::ErrnoToStatus(error.value(), absl::StrCat("making the folder ", path));
  ExportFolder folder(path);
  for (const char* name : {kManifest, kUnfinished}) {
    absl::StatusOr<std::optional<Manifest>> manifest = folder.Load(name);
    if (!manifest.ok()) return manifest.status();
    if (!manifest->has_value()) continue;
    folder.earlier_ = **std::move(manifest);
    folder.is_finished_ = name == kManifest;
    for (const ExportedFile& file : folder.earlier_->files) folder.owned_.insert(file.name);
    folder.owned_.insert(folder.earlier_->replaces.begin(), folder.earlier_->replaces.end());
  }
  return folder;
}

absl::StatusOr<std::optional<Manifest>> ExportFolder::Load(const std::string& name) const {
  std::ifstream file(Path(name), std::ios::binary);
  if (!file.is_open()) return std::nullopt;
  const std::string text(std::istreambuf_iterator<char>(file), {});
  absl::StatusOr<Manifest> manifest = ManifestFromJson(text);
  if (manifest.ok()) return *std::move(manifest);
  return absl::AlreadyExistsError(absl::StrCat(Path(name), ": ", manifest.status().message()));
}

std::optional<ExportedFile> ExportFolder::Find(const std::string& name,
                                               const std::string& source) const {
  if (!earlier_.has_value()) return std::nullopt;
  for (const ExportedFile& file : earlier_->files) {
    if (file.name != name || file.source != source) continue;
    const absl::StatusOr<Fingerprint> found = FingerprintOf(Path(name));
    if (found.ok() && found->sha256 == file.fingerprint.sha256) return file;
  }
  return std::nullopt;
}

absl::Status ExportFolder::Begin(const Manifest& manifest) {
  if (absl::Status status = Save(manifest); !status.ok()) return status;
  // It would speak of files that are about to be replaced.
  std::error_code error;
  std::filesystem::remove(Path(kManifest), error);
  if (error) return absl::ErrnoToStatus(error.value(), absl::StrCat("removing ", Path(kManifest)));
  return absl::OkStatus();
}

absl::Status ExportFolder::Save(const Manifest& manifest) {
  Manifest unfinished = manifest;
  unfinished.replaces.assign(owned_.begin(), owned_.end());
  const std::string text = ManifestToJson(unfinished);
  const std::string written = Path(absl::StrCat(kUnfinished, ".new"));
  absl::StatusOr<std::unique_ptr<OutputFile>> file = OutputFile::Create(written);
  if (!file.ok()) return file.status();
  absl::Status status = (*file)->Append(text);
  if (status.ok()) status = (*file)->Close();
  if (status.ok()) status = Publish(written, Path(kUnfinished));
  return status;
}

absl::Status ExportFolder::Finish(const Manifest& manifest) {
  for (const ExportedFile& file : manifest.files) owned_.erase(file.name);
  for (const std::string& name : owned_) {
    std::error_code ignored;
    std::filesystem::remove(Path(name), ignored);
  }
  owned_.clear();
  if (absl::Status status = Save(manifest); !status.ok()) return status;
  return Publish(Path(kUnfinished), Path(kManifest));
}

}  // namespace firstguess

#include "worker/trainer/data/cifar_images.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "worker/trainer/data/gzip_reader.h"

namespace firstguess::trainer {
namespace {

// Appends the `records` records of one file.
absl::Status AppendFile(const std::string& path, int64_t records, int64_t coarse_classes,
                        const DatasetInfo& info, LabelledImages* images) {
  GzipReader reader(path);
  if (!reader.opened()) return absl::NotFoundError(absl::StrCat(path, ": can't be opened"));

  const int64_t label_bytes = coarse_classes > 0 ? 2 : 1;
  const int64_t record_bytes = label_bytes + images->inputs;
  const int64_t file_bytes = records * record_bytes;
  // `kind` is "" or "coarse ".
  const auto check_label = [&](int64_t offset, int label, absl::string_view kind, int64_t classes) {
    if (label < classes) return absl::OkStatus();
    return reader.Fault(offset, absl::StrCat(kind, "label ", label, ", where ", info.name, " has ",
                                             kind, "classes 0 to ", classes - 1));
  };
  for (int64_t i = 0; i < records; ++i) {
    const int64_t start = reader.offset();
    uint8_t labels[2] = {};
    absl::Status status = reader.Read(labels, label_bytes, file_bytes - start - label_bytes);
    if (!status.ok()) return status;
    if (coarse_classes > 0) {
      status = check_label(start, labels[0], "coarse ", coarse_classes);
      if (!status.ok()) return status;
    }
    const int label = labels[label_bytes - 1];
    status = check_label(start + label_bytes - 1, label, "", info.classes());
    if (!status.ok()) return status;

    const size_t filled = images->pixels.size();
    images->pixels.resize(filled + static_cast<size_t>(images->inputs));
    status = reader.Read(images->pixels.data() + filled, images->inputs,
                         file_bytes - start - record_bytes);
    if (!status.ok()) return status;
    images->labels.push_back(label);
  }
  return reader.ExpectEnd(absl::StrCat(records, " records of ", record_bytes, " bytes"));
}

}  // namespace

absl::StatusOr<LabelledImages> ReadCifarImages(const std::vector<std::string>& paths,
                                               int64_t examples, int64_t coarse_classes,
                                               const DatasetInfo& info) {
  LabelledImages images;
  images.inputs = info.inputs();
  images.channels = info.channels;
  images.height = info.height;
  images.width = info.width;
  images.pixels.reserve(static_cast<size_t>(examples * images.inputs));
  images.labels.reserve(static_cast<size_t>(examples));
  const int64_t records = examples / static_cast<int64_t>(paths.size());
  for (const std::string& path : paths) {
    absl::Status status = AppendFile(path, records, coarse_classes, info, &images);
    if (!status.ok()) return status;
  }
  return images;
}

}  // namespace firstguess::trainer

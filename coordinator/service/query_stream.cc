#include "coordinator/service/query_stream.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/spec/utf8.h"

namespace firstguess {
namespace {

constexpr size_t kQueuedBatches = 4;  // batches
constexpr int kMostRowsOfBatch = 1'000;
constexpr int64_t kMostBytesOfBatch = 256 << 10;
constexpr absl::Duration kPatience = absl::Seconds(10);

// Returns about how many bytes the value takes.
int64_t Fill(const sqlite::QueryValue& from, v1::QueryValue* to) {
  if (const auto* integer = std::get_if<int64_t>(&from)) {
    to->set_integer(*integer);
  } else if (const auto* real = std::get_if<double>(&from)) {
    to->set_real(*real);
  } else if (const auto* text = std::get_if<std::string>(&from)) {
    // SQLite lets any bytes be a text; Protobuf does not.
    if (FindInvalidUtf8(*text).has_value()) {
      to->set_blob(*text);
    } else {
      to->set_text(*text);
    }
    return static_cast<int64_t>(text->size());
  } else if (const auto* blob = std::get_if<sqlite::QueryBlob>(&from)) {
    to->set_blob(blob->bytes);
    return static_cast<int64_t>(blob->bytes.size());
  }
  return sizeof(double);
}

absl::Status CheckRequest(const v1::QueryRequest& request) {
  if (request.max_rows() < 0) {
    return absl::InvalidArgumentError(absl::StrCat("max_rows is ", request.max_rows()));
  }
  if (!(request.timeout_seconds() >= 0) || !std::isfinite(request.timeout_seconds())) {
    return absl::InvalidArgumentError(
        absl::StrCat("timeout_seconds is ", request.timeout_seconds()));
  }
  return absl::OkStatus();
}

}  // namespace

QueryStream::QueryStream(grpc::CallbackServerContext* context, std::string database,
                         v1::QueryRequest request)
    : ServerWriter(context, kQueuedBatches),
      database_(std::move(database)),
      request_(std::move(request)) {}

void QueryStream::Run() {
  absl::Status status = CheckRequest(request_);
  if (status.ok()) {
    sqlite::QueryLimits limits;
    if (request_.timeout_seconds() > 0) {
      limits.time = std::min(limits.time, absl::Seconds(request_.timeout_seconds()));
    }
    end_ = RealClock()->MonotonicNow() + limits.time;
    status = sqlite::RunUserQuery(database_, request_.sql(), limits, this);
  }
  if (status.ok()) SendBatch();
  Close(std::move(status));
}

void QueryStream::Columns(const std::vector<std::string>& names) {
  for (const std::string& name : names) batch_.add_columns(name);
}

bool QueryStream::Row(const std::vector<sqlite::QueryValue>& values) {
  v1::QueryRow* const row = batch_.add_rows();
  for (const sqlite::QueryValue& value : values) batch_bytes_ += Fill(value, row->add_values());
  ++rows_;
  if (batch_.rows_size() >= kMostRowsOfBatch || batch_bytes_ >= kMostBytesOfBatch) {
    if (!SendBatch()) return false;
  }
  return request_.max_rows() == 0 || rows_ < request_.max_rows();
}

bool QueryStream::SendBatch() {
  batch_bytes_ = 0;
  // A client that does not read keeps the database's log from being used anew no longer than a
  // query may.
  const absl::Duration left = end_ - RealClock()->MonotonicNow();
  return SendWhenRoom(std::exchange(batch_, v1::QueryResponse()),
                      std::clamp(left, absl::ZeroDuration(), kPatience));
}

}  // namespace firstguess

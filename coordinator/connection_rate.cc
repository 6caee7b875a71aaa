#include "coordinator/connection_rate.h"

#include <algorithm>

namespace firstguess {
namespace {

// An address more than this many leads to those being forgotten that could connect freely anyway.
constexpr size_t kMostAddresses = 4096;

double Filled(double left, absl::Duration since) {
  return std::min(ConnectionRate::kAtOnce,
                  left + absl::ToDoubleSeconds(since) * ConnectionRate::kPerSecond);
}

}  // namespace

bool ConnectionRate::Admit(absl::string_view address, absl::Duration now) {
  auto found = buckets_.find(address);
  if (found == buckets_.end()) {
    if (buckets_.size() >= kMostAddresses) ForgetFull(now);
    // So many machines at once are not a cluster that starts.
    if (buckets_.size() >= kMostAddresses) return false;
    found = buckets_.emplace(std::string(address), Bucket{.filled = now}).first;
  }
  Bucket& bucket = found->second;
  bucket.left = Filled(bucket.left, now - bucket.filled);
  bucket.filled = now;
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}

void ConnectionRate::ForgetFull(absl::Duration now) {
  if (now < forget_at_) return;
  forget_at_ = now + absl::Seconds(1);
  std::erase_if(buckets_, [now](const auto& entry) {
    return Filled(entry.second.left, now - entry.second.filled) >= kAtOnce;
  });
}

}  // namespace firstguess

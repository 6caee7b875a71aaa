#include "coordinator/service/outlets.h"

namespace firstguess {

bool Outlets::Add(const std::string& instance_id, int64_t epoch, std::shared_ptr<Outlet> outlet) {
  return outlets_.try_emplace({instance_id, epoch}, std::move(outlet)).second;
}

bool Outlets::Remove(const std::string& instance_id, int64_t epoch, const Outlet* outlet) {
  const auto found = outlets_.find({instance_id, epoch});
  if (found == outlets_.end() || found->second.get() != outlet) return false;
  outlets_.erase(found);
  return true;
}

Outlet* Outlets::Find(const std::string& instance_id, int64_t epoch) const {
  const auto found = outlets_.find({instance_id, epoch});
  return found != outlets_.end() ? found->second.get() : nullptr;
}

void Outlets::Deliver(const ToWorker& message) const {
  Outlet* const outlet = Find(message.instance_id, message.epoch);
  if (outlet != nullptr) outlet->Deliver(message);
}

std::vector<Outlets::Connection> Outlets::All() const {
  std::vector<Connection> all;
  for (const auto& [key, outlet] : outlets_) all.push_back({key.first, key.second, outlet});
  return all;
}

}  // namespace firstguess

#include "coordinator/service/permissions.h"

namespace firstguess {
namespace {

constexpr unsigned Bit(Role role) { return 1u << static_cast<unsigned>(role); }

constexpr unsigned kReads = Bit(Role::kViewer) | Bit(Role::kSubmitter) | Bit(Role::kAdmin);
constexpr unsigned kSubmits = Bit(Role::kSubmitter) | Bit(Role::kAdmin);
constexpr unsigned kWorks = Bit(Role::kWorker) | Bit(Role::kAdmin);
constexpr unsigned kAdministers = Bit(Role::kAdmin);

}  // namespace

const std::vector<Permission>& Permissions() {
  static const auto* const permissions = new std::vector<Permission>{
      {"/firstguess.v1.SweepService/Preview", kReads},
      {"/firstguess.v1.SweepService/List", kReads},
      {"/firstguess.v1.SweepService/Get", kReads},
      {"/firstguess.v1.SweepService/Watch", kReads},
      {"/firstguess.v1.SweepService/Query", kReads},
      {"/firstguess.v1.SweepService/ListWorkers", kReads},
      {"/firstguess.v1.SweepService/Submit", kSubmits, false, true},
      {"/firstguess.v1.SweepService/Pause", kSubmits, false, true},
      {"/firstguess.v1.SweepService/Resume", kSubmits, false, true},
      {"/firstguess.v1.SweepService/Cancel", kSubmits, false, true},
      {"/firstguess.v1.SweepService/RetryFailed", kSubmits, false, true},
      {"/firstguess.v1.SweepService/DrainWorker", kAdministers, false, true},
      {"/firstguess.v1.WorkService/Session", kWorks, false, true},
      // Of gRPC. What watches over machines has no certificate for each of them.
      {"/grpc.health.v1.Health/Check", kReads | kWorks, true},
      {"/grpc.health.v1.Health/Watch", kReads | kWorks},
      {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", kReads},
  };
  return *permissions;
}

const Permission* FindPermission(absl::string_view method) {
  for (const Permission& permission : Permissions()) {
    if (permission.method == method) return &permission;
  }
  return nullptr;
}

bool Allows(const Permission& permission, Role role) { return (permission.roles & Bit(role)) != 0; }

}  // namespace firstguess

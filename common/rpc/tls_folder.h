#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "grpcpp/security/tls_certificate_provider.h"

namespace firstguess {

// One end's certificate and key, and the authority that it believes, are a folder with tls.crt,
// tls.key and ca.crt (PEM), as Kubernetes mounts them and `firstguess certs issue` writes them; a
// coordinator's may have ca.crl. Replaced files are used within seconds.

// Whether the folder can be used now. NotFound, PermissionDenied (the key is readable for
// everybody), InvalidArgument (no certificate, another one's key, expired): each says what to do.
absl::Status CheckTlsFolder(const std::string& folder);

// The files for gRPC, which reads them again and again.
std::shared_ptr<grpc::experimental::CertificateProviderInterface> WatchTlsFolder(
    const std::string& folder);

}  // namespace firstguess

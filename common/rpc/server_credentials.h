#pragma once

#include <memory>
#include <string>

#include "common/rpc/call_gate.h"
#include "grpcpp/security/server_credentials.h"

namespace firstguess {

// Credentials for one kind of connection. `gate` decides on every call of such connections, and
// finds `door` in its head. With a folder (tls_folder.h) peers must show a certificate that the
// folder's authority signed, and its files are read again while the server runs; without one,
// connections are plain. `gate` outlives the server.
std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(const std::string& tls_folder,
                                                               CallGate* gate, std::string door);

}  // namespace firstguess

#pragma once

#include <optional>

#include "http/server.hpp"
#include "wiring/foundation.hpp"

namespace edda::wiring {

/// The port, which may be open before there is anything behind it: then only probes are answered, and everything else "later" (503).
/// Thread-safety: on the thread for I/O.
class FrontDoor {
 public:
  explicit FrontDoor(Foundation& base);

  /// Opens the port for whoever asks how this process is, unless `open` did. Errors: those of http::Server::start.
  Result<void> answer_probes();
  /// From now on requests go to `router`. Lifetime: `stop` before the router's end. Errors: those of http::Server::start.
  Task<Result<void>> open(http::Router& router);
  std::uint16_t port() const { return server_->port(); }
  /// Of the port as it is open now; zeros before.
  http::ServerCounts counts() const { return server_ ? server_->counts() : http::ServerCounts{}; }
  /// Clients who keep connections are to come back on others; does nothing where it was never open.
  void announce_stop();
  /// Drains; does nothing where it was never open.
  Task<void> stop(Deadline deadline);

 private:
  void make_server(http::Router& router);

  Foundation& base_;
  http::Router closed_;
  std::optional<http::Server> server_;
  bool serves_ = false;
};

}  // namespace edda::wiring

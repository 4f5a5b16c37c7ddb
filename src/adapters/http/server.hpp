#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "http/router.hpp"
#include "ports/clock.hpp"

namespace edda::http {

/// Bounds on what clients may take. Timeouts are enforced by one sweep, so they end up to a quarter late.
struct ServerLimits {
  std::size_t connections_max = 4096;               ///< beyond: 503 with Retry-After, and close
  std::size_t requests_in_flight_max = 2048;        ///< beyond: 503 with Retry-After
  std::size_t head_bytes_max = 16 * 1024;           ///< beyond: 431 (the default of the replaced system's runtime)
  std::size_t headers_max = 100;                    ///< beyond: 431
  std::size_t target_bytes_max = 8 * 1024;          ///< beyond: 414
  std::size_t old_body_bytes_max = 100 * 1024;      ///< unversioned routes, beyond: 413 (the replaced system's bound)
  std::size_t v1_body_bytes_max = 1024 * 1024;      ///< beyond: 413
  std::chrono::milliseconds head_timeout{10'000};   ///< from accept or the first byte to the end of the head, else 408
  std::chrono::milliseconds body_timeout{10'000};   ///< from the end of the head to the end of the body, else 408
  std::chrono::milliseconds idle_timeout{75'000};   ///< between requests: longer than the proxies' default of 60 s
  std::chrono::milliseconds write_timeout{10'000};  ///< for the client to take one answer, else dropped
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: a free one, see Server::port()
  ServerLimits limits = {};
  std::vector<std::string> trusted_proxies = {};  ///< addresses or CIDR blocks whose X-Forwarded-For is believed
};

/// What the server counts since its start.
struct ServerCounts {
  std::size_t connections = 0;         ///< open now
  std::size_t requests_in_flight = 0;  ///< being handled now
  std::uint64_t requests = 0;
  std::uint64_t refused_connections = 0;
  std::uint64_t refused_heads = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t slow_readers_dropped = 0;
};

/// HTTP/1.1 listener and its connections. Pipelined requests of a connection are answered one after the other.
///
/// Lifecycle: construct, start(), stop(), destroy; the destructor asserts that nothing is left running.
/// Thread-safety: everything on the one thread that runs the executor; port() from any thread once started.
/// Lifetime: router, clock and random outlive the server.
class Server {
 public:
  Server(boost::asio::any_io_executor executor, Router& router, Clock& clock, Random& random, ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds, listens and begins to accept.
  /// Errors: invalid_argument for an address or proxy that is none; unavailable when the port is taken.
  Result<void> start();
  std::uint16_t port() const;

  /// From now on every answer ends its connection (Connection: close), so that clients who keep theirs come back by way of a balancer
  /// before the drain. New connections are accepted.
  void announce_stop();
  /// Drains: accepts no more, closes idle connections, ends streams, lets requests under way be answered (with
  /// Connection: close) until `deadline`, then cancels what is left and waits for it.
  Task<void> stop(Deadline deadline);

  ServerCounts counts() const;

  class Core;  ///< what its connections share; internal

 private:
  std::unique_ptr<Core> core_;
};

}  // namespace edda::http

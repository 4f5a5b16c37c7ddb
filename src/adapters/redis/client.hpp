#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "metrics/instruments.hpp"
#include "ports/clock.hpp"
#include "redis/reply.hpp"

namespace edda::redis {

struct ClientSettings {
  std::string host;
  std::uint16_t port = 6379;
  std::string user = {};      ///< of an access list; empty: the default user
  std::string password = {};  ///< empty: none is sent
  int database = 0;
  bool tls = false;          ///< the server's certificate and name are checked
  std::string ca_file = {};  ///< authorities (PEM) to check it against; empty: the system's
  /// How long an answer is waited for, a nearer deadline aside. Redis is a filter: whoever asks goes on without it.
  std::chrono::milliseconds patience{20};
  std::size_t calls_max = 4096;  ///< under way and waiting to be sent; a further one is refused
  std::chrono::milliseconds connect_timeout{1'000};
  std::chrono::milliseconds first_pause{50};  ///< before connecting again; doubled after each failure ...
  std::chrono::milliseconds longest_pause{2'000};  ///< ... up to this
  /// What is measured of the commands; null: nothing. They outlive the client.
  metrics::Histogram* call_seconds = nullptr;
  metrics::Counter* failed_calls = nullptr;
};

/// One connection to a Redis server, for commands that are sent behind one another without waiting for answers. It is opened by the
/// first command. While the server is away, or owes an answer for longer than the patience, commands fail at once.
/// Thread-safety: callable from any thread; answers on the caller's executor. The work is done on the one thread that runs `executor`.
/// Lifetime: the clock outlives it; `stop` has ended before it is destroyed.
class Client {
 public:
  /// Connects to nobody yet. Errors: invalid_argument (ca_file cannot be read).
  static Result<std::unique_ptr<Client>> open(boost::asio::any_io_executor executor, Clock& clock, ClientSettings settings);
  ~Client();

  /// Ends within the patience. Errors: unavailable (surely not done: not sent, or the server answered an error), overloaded (not sent),
  /// outcome_unknown (sent, no answer).
  Task<Result<Reply>> call(std::initializer_list<std::string_view> words, Deadline deadline);

  /// Ends the connection; from then on every call fails.
  Task<void> stop();

 private:
  class Link;
  Client(boost::asio::any_io_executor executor, std::shared_ptr<Link> link);

  const boost::asio::any_io_executor executor_;
  const std::shared_ptr<Link> link_;
};

}  // namespace edda::redis

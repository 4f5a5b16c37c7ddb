#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ports/clock.hpp"
#include "redis/client.hpp"

namespace edda::redis {

/// Awaits, and gives the error code as the first of what comes back: nothing is thrown.
inline constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);

/// A connection to a server that has let us in. Thread-safety: all on the one thread that runs its executor; one read and one write at
/// a time may be under way.
class Connection {
 public:
  using Opened = std::expected<std::shared_ptr<Connection>, std::string>;
  /// Connects, agrees on TLS where `tls` is not null, signs in, and waits for the server's answer to a PING. The error says why not.
  static Task<Opened> open(boost::asio::any_io_executor executor, Clock& clock, const ClientSettings& settings,
                           boost::asio::ssl::context* tls, Deadline deadline);

  /// All of `bytes`. The error says why not.
  Task<std::expected<void, std::string>> write(std::string bytes);
  /// What arrives next, at least a byte.
  Task<std::expected<std::string_view, std::string>> read();
  /// What is under way ends with an error.
  void close();

 private:
  using Plain = boost::asio::ip::tcp::socket;
  using Tls = boost::asio::ssl::stream<Plain>;
  using Done = std::expected<void, std::string>;
  explicit Connection(std::variant<Plain, Tls> stream) : stream_(std::move(stream)) {}

  Plain& socket();
  Task<Done> begin(const ClientSettings& settings, std::vector<boost::asio::ip::tcp::endpoint> addresses);
  Task<Done> sign_in(const ClientSettings& settings);

  std::variant<Plain, Tls> stream_;
  std::array<char, 16 * 1024> input_;
  bool opening_ = true;
  bool late_ = false;  ///< closed because it was not open in time
};

}  // namespace edda::redis

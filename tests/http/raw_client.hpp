#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace edda::http {

/// A blocking TCP client on loopback that sends whatever bytes it is told. Every wait ends after a minute, with what
/// there is.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  static bool can_connect(std::uint16_t port);

  /// Sends all of it, or as much as the server takes before it closes.
  void send(std::string_view bytes);
  /// What arrives up to and including `end`.
  std::string read_until(std::string_view end);
  /// One answer framed by Content-Length.
  std::string read_answer();
  /// Everything until the server closes (or resets) the connection.
  std::string read_to_end();

  void close();
  /// Closes so that the server sees a reset.
  void reset();

 private:
  bool read_some();

  int socket_ = -1;
  std::string received_;
};

}  // namespace edda::http

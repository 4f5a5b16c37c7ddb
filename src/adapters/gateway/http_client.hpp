#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "ports/clock.hpp"

namespace edda::gateway {

/// A server that is spoken to over HTTP.
struct Endpoint {
  bool tls = false;
  std::string host;
  std::string port;
  std::string path = {};  ///< what stands before every target; empty, or "/pay" without a slash at its end
};
/// "http://host", "https://host:8443/pay". Errors: invalid_argument.
Result<Endpoint> parse_endpoint(std::string_view url);

struct HttpCall {
  std::string method;
  std::string target;  ///< "/v1/charges", encoded
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};  ///< JSON
};
struct HttpReply {
  int status = 0;
  std::string body;
};
/// No answer. What matters to whoever moves money is whether the other side can have read the request.
struct HttpFailure {
  bool surely_not_sent = false;
  std::string reason;
};

struct HttpClientSettings {
  Endpoint endpoint;
  std::size_t connections_max = 32;
  std::size_t waiting_max = 8192;  ///< calls that wait for a connection; a further one is not sent
  /// Shorter than servers keep idle connections (75 s is common), or a call would meet one that is just being closed.
  std::chrono::seconds idle_max{20};
  std::size_t body_bytes_max = 64 * 1024;
};

/// HTTP/1.1 client of one server, over a bounded pool of connections that are kept open. TLS certificates and names are checked against
/// the system's authorities.
/// Thread-safety: `send` from any thread; answers on the caller's executor. The work is done on the one thread that runs `executor`.
class HttpClient {
 public:
  HttpClient(boost::asio::any_io_executor executor, Clock& clock, HttpClientSettings settings);
  ~HttpClient();

  /// Ends by the deadline, whatever the other side does.
  Task<std::expected<HttpReply, HttpFailure>> send(HttpCall call, Deadline deadline);

 private:
  class Pool;
  const boost::asio::any_io_executor executor_;
  const std::shared_ptr<Pool> pool_;
};

}  // namespace edda::gateway

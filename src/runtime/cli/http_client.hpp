#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace edda::cli {

struct HttpResponse {
  unsigned status = 0;
  std::string body;
  std::string etag;
};

/// A server's address, from "http://HOST[:PORT]".
struct Endpoint {
  std::string host;
  std::string port;
};
/// Errors: invalid_argument, with what is wanted instead.
Result<Endpoint> parse_endpoint(std::string_view url);

/// A small blocking HTTP/1.1 client, one connection a request.
/// Thread-safety: distinct calls may run on distinct threads.
class HttpClient {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  explicit HttpClient(Endpoint endpoint, std::chrono::milliseconds timeout = std::chrono::seconds(20))
      : endpoint_(std::move(endpoint)), timeout_(timeout) {}

  /// Any status is a success here. Errors: unavailable (nobody listens, surely not done), outcome_unknown (no answer in time, or
  /// the connection broke).
  Result<HttpResponse> request(std::string_view method, std::string_view target, const Headers& headers,
                               std::string body) const;

  /// GETs a body without end and hands on what arrives until `on_data` answers false or the server ends it.
  /// `keep_waiting` is asked about every 200 ms while nothing arrives; false ends the stream, too.
  /// Errors: as request; a status other than 200 comes back with its body.
  Result<HttpResponse> stream(std::string_view target, const Headers& headers,
                              const std::function<bool(std::string_view)>& on_data,
                              const std::function<bool()>& keep_waiting) const;

  std::string url() const { return "http://" + endpoint_.host + ":" + endpoint_.port; }

 private:
  Endpoint endpoint_;
  std::chrono::milliseconds timeout_;
};

}  // namespace edda::cli

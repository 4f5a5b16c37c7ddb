#pragma once

#include <boost/json/fwd.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cli/http_client.hpp"
#include "config/secret.hpp"

namespace edda::cli {

/// The server's HTTP API as commands use it: JSON in, JSON out, refusals as errors that say what to do next.
class Api {
 public:
  Api(HttpClient client, config::Secret token) : client_(std::move(client)), token_(std::move(token)) {}

  Result<boost::json::value> get(std::string_view target) const;
  Result<boost::json::value> post(std::string_view target, const boost::json::object& body,
                                  HttpClient::Headers headers = {}) const;
  Result<boost::json::value> patch(std::string_view target, const boost::json::object& body) const;
  /// The body as it comes, any status.
  Result<HttpResponse> raw(std::string_view target) const;

  /// Server-sent events from `target` until `on_event` answers false, `keep_waiting` does, or the server ends.
  Result<void> events(std::string_view target, const std::function<bool(std::string_view type, std::string_view data)>& on_event,
                      const std::function<bool()>& keep_waiting) const;

  /// The same server, as somebody else.
  Api as(config::Secret token) const { return Api(client_, std::move(token)); }
  std::string url() const { return client_.url(); }

 private:
  Result<boost::json::value> call(std::string_view method, std::string_view target, std::string body,
                                  HttpClient::Headers headers) const;
  HttpClient::Headers with_token(HttpClient::Headers headers) const;

  HttpClient client_;
  config::Secret token_;
};

/// Splits a stream of server-sent events (WHATWG HTML, section 9.2.6) into type and data; pieces may end anywhere.
class SseSplitter {
 public:
  /// False as soon as `on_event` answered false.
  bool feed(std::string_view piece, const std::function<bool(std::string_view, std::string_view)>& on_event);

 private:
  void take_line(std::string_view line);

  std::string rest_;
  std::string type_;
  std::string data_;
};

/// For query strings: everything but unreserved characters as %XX.
std::string percent_encoded(std::string_view text);

/// "?a=1&b=2" of those that are not empty.
class Query {
 public:
  Query& add(std::string_view name, std::string_view value);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace edda::cli

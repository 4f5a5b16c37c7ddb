#include "cli/api.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace edda::cli {
namespace {

Errc code_of(unsigned status) {
  switch (status) {
    case 400: case 422: return Errc::invalid_argument;
    case 401: return Errc::unauthenticated;
    case 403: return Errc::forbidden;
    case 404: return Errc::not_found;
    case 409: case 412: case 428: return Errc::rejected;
    case 429: return Errc::overloaded;
    case 503: return Errc::unavailable;
    default: return Errc::internal;
  }
}

std::string field_of(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::unexpected<Error> refused(const HttpResponse& response) {
  boost::system::error_code error;
  const auto value = boost::json::parse(response.body, error);
  std::string message = fmt::format("the server answered {}", response.status);
  std::string reason;
  if (!error && value.is_object()) {
    const auto& problem = value.get_object();
    if (const auto detail = field_of(problem, "detail"); !detail.empty()) message = detail;
    if (const auto next = field_of(problem, "next"); !next.empty()) message += (message.ends_with('.') ? " " : ". ") + next;
    reason = field_of(problem, "code");
  }
  if (response.status == 401) message += " (pass the token of a user in EDDA_TOKEN, or run this where the data folder is)";
  return fail(code_of(response.status), message, {}, reason);
}

}  // namespace

HttpClient::Headers Api::with_token(HttpClient::Headers headers) const {
  headers.emplace_back("Accept", "application/json, application/problem+json");
  if (!token_.empty()) headers.emplace_back("Authorization", "Bearer " + token_.reveal());
  return headers;
}

Result<boost::json::value> Api::call(std::string_view method, std::string_view target, std::string body,
                                     HttpClient::Headers headers) const {
  if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
  TRY(const HttpResponse response, client_.request(method, target, with_token(std::move(headers)), std::move(body)));
  if (response.status < 200 || response.status > 299) return refused(response);
  if (response.body.empty()) return boost::json::value(nullptr);
  boost::system::error_code error;
  auto value = boost::json::parse(response.body, error);
  if (error) return fail(Errc::corrupt, fmt::format("{} did not answer with JSON: is it an Edda?", url()));
  return value;
}

Result<boost::json::value> Api::get(std::string_view target) const { return call("GET", target, {}, {}); }
Result<boost::json::value> Api::post(std::string_view target, const boost::json::object& body,
                                     HttpClient::Headers headers) const {
  return call("POST", target, body.empty() ? "" : boost::json::serialize(body), std::move(headers));
}
Result<boost::json::value> Api::patch(std::string_view target, const boost::json::object& body) const {
  return call("PATCH", target, boost::json::serialize(body), {});
}
Result<HttpResponse> Api::raw(std::string_view target) const { return client_.request("GET", target, with_token({}), {}); }

Result<void> Api::events(std::string_view target, const std::function<bool(std::string_view, std::string_view)>& on_event,
                         const std::function<bool()>& keep_waiting) const {
  HttpClient::Headers headers{{"Accept", "text/event-stream"}};
  if (!token_.empty()) headers.emplace_back("Authorization", "Bearer " + token_.reveal());
  SseSplitter splitter;
  TRY(const HttpResponse response,
      client_.stream(target, headers, [&](std::string_view piece) { return splitter.feed(piece, on_event); }, keep_waiting));
  if (response.status != 200) return refused(response);
  return {};
}

bool SseSplitter::feed(std::string_view piece, const std::function<bool(std::string_view, std::string_view)>& on_event) {
  rest_ += piece;
  std::size_t from = 0;
  for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', from)) {
    std::string_view line(rest_.data() + from, end - from);
    if (line.ends_with('\r')) line.remove_suffix(1);
    from = end + 1;
    if (!line.empty()) {
      take_line(line);
      continue;
    }
    const bool more = data_.empty() || on_event(type_, data_);
    type_.clear();
    data_.clear();
    if (!more) return false;
  }
  rest_.erase(0, from);
  return true;
}

void SseSplitter::take_line(std::string_view line) {
  const auto colon = std::min(line.find(':'), line.size());
  const auto field = line.substr(0, colon);
  auto value = line.substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") type_ = value;
  if (field == "data") data_ += (data_.empty() ? "" : "\n") + std::string(value);
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", byte);
    }
  }
  return encoded;
}

Query& Query::add(std::string_view name, std::string_view value) {
  if (!value.empty()) text_ += fmt::format("{}{}={}", text_.empty() ? '?' : '&', name, percent_encoded(value));
  return *this;
}

}  // namespace edda::cli

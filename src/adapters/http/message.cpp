#include "http/message.hpp"

#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/assert.hpp"
#include "http/percent.hpp"

namespace edda::http {

namespace {

constexpr std::array<std::string_view, 7> method_names{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};

Result<void> add_query(Fields& parameters, std::string_view query) {
  std::string name;
  std::string value;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    name.clear();
    value.clear();
    TRY_VOID(percent_decode_append(name, pair.substr(0, equals), true));
    if (equals != std::string_view::npos) TRY_VOID(percent_decode_append(value, pair.substr(equals + 1), true));
    parameters.add(name, value);
  }
  return {};
}

Response with_body(int status, std::string_view content_type, std::string body) {
  return Response{.status = status, .content_type = std::string(content_type), .body = std::move(body)};
}

}  // namespace

std::string_view to_string(Method method) {
  const auto index = static_cast<std::size_t>(method);
  return index < method_names.size() ? method_names[index] : "OTHER";
}

Method parse_method(std::string_view name) {
  for (std::size_t i = 0; i < method_names.size(); ++i) {
    if (method_names[i] == name) return static_cast<Method>(i);
  }
  return Method::other;
}

std::string_view Request::param(std::string_view name) const {
  const auto value = path_parameters.find(name);
  EDDA_ASSERT(value.has_value());
  return *value;
}

void Request::clear() {
  method = Method::get;
  face = Face::old;
  method_name.clear();
  target.clear();
  path.clear();
  query_parameters.clear();
  headers.clear();
  path_parameters.clear();
  body.clear();
  client_address.clear();
  request_id.clear();
  trace = {};
  arrival = {};
  principal.reset();
}

Result<void> set_target(Request& request, std::string_view target) {
  request.target.assign(target);
  request.path.clear();
  request.query_parameters.clear();
  const std::size_t question = target.find('?');
  const std::string_view path = target.substr(0, question);
  request.face = is_v1_path(path) ? Face::v1 : Face::old;
  TRY_VOID(percent_decode_append(request.path, path, false));
  if (question != std::string_view::npos) TRY_VOID(add_query(request.query_parameters, target.substr(question + 1)));
  return {};
}

bool is_v1_path(std::string_view path) { return path == "/v1" || path.starts_with("/v1/") || path.starts_with("/v1?"); }

Request make_request(Method method, std::string_view target, std::string body) {
  Request request;
  request.method = method;
  request.method_name = to_string(method);
  request.client_address = "127.0.0.1";
  request.request_id = "test";
  EDDA_ASSERT(target.starts_with('/') && set_target(request, target).has_value());
  if (!body.empty()) request.headers.add("Content-Type", "application/json");
  request.body = std::move(body);
  return request;
}

Response& Response::set(std::string name, std::string value) & {
  headers.push_back({std::move(name), std::move(value)});
  return *this;
}

Response&& Response::set(std::string name, std::string value) && {
  set(std::move(name), std::move(value));
  return std::move(*this);
}

Response json(int status, const boost::json::value& body) { return json_text(status, boost::json::serialize(body)); }

Response json_text(int status, std::string body) {
  return with_body(status, "application/json; charset=utf-8", std::move(body));
}

Response text(int status, std::string body) { return with_body(status, "text/plain; charset=utf-8", std::move(body)); }

Response empty(int status) { return with_body(status, "", {}); }

Response redirect(std::string location, int status) { return empty(status).set("Location", std::move(location)); }

Response event_stream(StreamProducer producer) {
  Response response{.status = 200, .content_type = "text/event-stream; charset=utf-8", .stream = std::move(producer)};
  // Nginx would collect the events into its buffers.
  return std::move(response).set("Cache-Control", "no-store").set("X-Accel-Buffering", "no");
}

}  // namespace edda::http

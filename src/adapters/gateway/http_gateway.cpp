#include "gateway/http_gateway.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/failpoint.hpp"
#include "base/json_writer.hpp"
#include "gateway/gateway_reply.hpp"

namespace edda::gateway {
namespace {

using saga::Outcome;

HttpClientSettings client_settings(const HttpGatewaySettings& settings) {
  HttpClientSettings client;
  client.endpoint = settings.endpoint;
  client.connections_max = settings.connections_max;
  return client;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

HttpCall call_of(const HttpGatewaySettings& settings, std::string method, std::string target, const TraceContext& trace) {
  HttpCall call{.method = std::move(method), .target = std::move(target)};
  if (!settings.secret.empty()) call.headers.emplace_back("Authorization", "Bearer " + settings.secret);
  if (trace.exists()) call.headers.emplace_back("traceparent", to_traceparent(trace));
  return call;
}

}  // namespace

HttpGateway::HttpGateway(boost::asio::any_io_executor executor, Clock& clock, HttpGatewaySettings settings)
    : clock_(clock), settings_(std::move(settings)), client_(std::move(executor), clock, client_settings(settings_)) {}

Task<GatewayAnswer> HttpGateway::charge(ChargeRequest request, Deadline deadline) {
  JsonWriter json;
  json.begin_object().field("amount", request.amount).key("product_ids").begin_array();
  for (const auto& product : request.product_ids) json.value(product);
  json.end_array().end_object();
  co_return co_await post("/v1/charges", std::move(request.key), json.take(), request.trace, deadline);
}

Task<GatewayAnswer> HttpGateway::refund(RefundRequest request, Deadline deadline) {
  JsonWriter json;
  json.begin_object().field("charge", request.charge_reference).field("amount", request.amount).end_object();
  co_return co_await post("/v1/refunds", std::move(request.key), json.take(), request.trace, deadline);
}

Task<GatewayAnswer> HttpGateway::void_charge(VoidRequest request, Deadline deadline) {
  JsonWriter json;
  json.begin_object().field("charge_key", request.charge_key).end_object();
  co_return co_await post("/v1/voids", std::move(request.key), json.take(), request.trace, deadline);
}

Task<GatewayAnswer> HttpGateway::lookup(LookupRequest request, Deadline deadline) {
  const auto reply = co_await client_.send(call_of(settings_, "GET", "/v1/operations/" + percent_encode(request.key), request.trace), bounded(deadline));
  if (!reply) co_return GatewayAnswer{Outcome::unknown, {}, reply.error().reason};
  co_return found_by(*reply, request.key);
}

Task<GatewayAnswer> HttpGateway::post(std::string target, std::string key, std::string body, TraceContext trace, Deadline deadline) {
  HttpCall call = call_of(settings_, "POST", std::move(target), trace);
  call.headers.emplace_back("Idempotency-Key", key);
  call.body = std::move(body);
  const auto reply = co_await client_.send(std::move(call), bounded(deadline));
  if (!reply) co_return answer_of(reply.error());
  EDDA_FAILPOINT("gateway.acted", key);
  GatewayAnswer answer = answer_of(*reply, key);
  if (answer.outcome == Outcome::failed && errors_.repeats(key, *reply)) {
    answer.outcome = Outcome::unknown;
    answer.reason += " (the same answer as before: a stored one)";
  }
  co_return answer;
}

Deadline HttpGateway::bounded(Deadline deadline) const {
  return {std::min(deadline.at, clock_.steady_now() + settings_.timeout)};
}

}  // namespace edda::gateway

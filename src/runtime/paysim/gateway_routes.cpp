#include "paysim/gateway_routes.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/digest.hpp"
#include "base/json_reader.hpp"
#include "base/json_writer.hpp"
#include "gateway/ledger_record.hpp"
#include "gateway/paysim_faults.hpp"

namespace edda::paysim {
namespace {

using gateway::SendFault;
using http::Method;
using http::Request;
using http::Response;
using saga::Outcome;

// The simulator's own latency is bounded by a day; whoever does not want to wait hangs up.
constexpr std::chrono::hours gateway_patience{25};
// Room for the "~n" of a key that was forgotten n times.
constexpr std::size_t key_bytes_max = gateway::key_bytes_max - 6;

/// Nothing was done, and the answer says so.
Response refused(int status, std::string_view reason, std::string_view request_id) {
  JsonWriter json;
  json.begin_object().field("processed", false).field("reason", reason).field("request_id", request_id).end_object();
  return http::json_text(status, json.take());
}

/// Nobody learns from it whether something was done.
Response broken(int status, std::string_view request_id) {
  JsonWriter json;
  json.begin_object().field("reason", "Something went wrong").field("request_id", request_id).end_object();
  return http::json_text(status, json.take());
}

/// To the byte the same for every send under the key, as a gateway does it that keeps its first answer.
Response stored_error(std::string_view key) {
  const std::array<std::string_view, 2> parts{"stored error", key};
  return broken(500, "req_" + to_hex(digest128(parts)));
}

std::string answer_json(std::string_view key, const GatewayAnswer& answer) {
  JsonWriter json;
  json.begin_object().field("key", key).field("status", saga::to_string(answer.outcome));
  if (!answer.reference.empty()) json.field("reference", answer.reference);
  if (!answer.reason.empty()) json.field("reason", answer.reason);
  json.end_object();
  return json.take();
}

Response render(std::string_view kind, std::string_view key, const GatewayAnswer& answer, std::string_view request_id) {
  switch (answer.outcome) {
    case Outcome::succeeded: return http::json_text(200, answer_json(key, answer));
    case Outcome::declined: return http::json_text(kind == "charge" ? 402 : 409, answer_json(key, answer));
    case Outcome::failed: return refused(503, answer.reason, request_id);
    case Outcome::unknown: break;
  }
  return broken(500, request_id);
}

}  // namespace

void GatewayRoutes::add_to(http::Router& router) {
  add(router, "/v1/charges", "charge", [](const std::string& body) -> Result<Order> {
    JsonReader json(body);
    Order order;
    order.amount = json.money("amount");
    for (const auto& product : json.array("product_ids"))
      if (const auto* text = product.if_string()) order.product_ids.emplace_back(text->data(), text->size());
    if (json.error()) return fail(Errc::invalid_argument, json.error()->message);
    return order;
  });
  add(router, "/v1/refunds", "refund", [](const std::string& body) -> Result<Order> {
    JsonReader json(body);
    Order order;
    order.amount = json.money("amount");
    order.about = json.string("charge");
    if (json.error()) return fail(Errc::invalid_argument, json.error()->message);
    return order;
  });
  add(router, "/v1/voids", "void", [](const std::string& body) -> Result<Order> {
    JsonReader json(body);
    Order order;
    order.about = json.string("charge_key");
    if (json.error()) return fail(Errc::invalid_argument, json.error()->message);
    return order;
  });
  router.add({.method = Method::get, .path = "/v1/operations/{key}", .name = "lookup",
              .handler = [this](Request& request) { return look_up(request); }});
  router.add({.method = Method::get, .path = "/livez", .name = "livez",
              .handler = [](Request&) -> Task<Response> { co_return http::json_text(200, R"({"status":"ok"})"); }});
}

void GatewayRoutes::add(http::Router& router, std::string path, std::string kind, Read read) {
  router.add({.method = Method::post, .path = std::move(path), .name = kind,
              .handler = [this, kind, read](Request& request) { return serve(request, kind, read); }});
}

Task<Response> GatewayRoutes::serve(Request& request, std::string kind, Read read) {
  if (!may_enter(request)) co_return refused(401, "The secret is wrong or missing", request.request_id);
  const auto key = request.header("Idempotency-Key");
  if (!key || !gateway::is_ledger_key(*key) || key->size() > key_bytes_max)
    co_return refused(400, "Idempotency-Key must be 1 to 79 visible ASCII characters", request.request_id);
  auto order = read(request.body);
  if (!order) co_return refused(400, "The body is not what the route takes", request.request_id);
  order->kind = std::move(kind);
  order->key = *key;
  co_return co_await perform(request, *std::move(order));
}

Task<Response> GatewayRoutes::perform(const Request& request, Order order) {
  const auto fault = gateway::fault_of_send(order.key, keys_.count_send(order.key), options_.faults);
  if (fault == SendFault::refuse) co_return refused(503, "Out of order", request.request_id);
  if (fault == SendFault::stored_error) co_return stored_error(order.key);
  const GatewayAnswer answer = co_await act(order);
  switch (fault) {
    case SendFault::act_then_timeout:
      co_await clock_.sleep_until(clock_.steady_now() + options_.hold);
      co_return broken(504, request.request_id);
    case SendFault::act_then_error: co_return broken(500, request.request_id);
    case SendFault::act_then_stored_error: co_return stored_error(order.key);
    case SendFault::none:
    case SendFault::refuse:
    case SendFault::stored_error: break;
  }
  co_return render(order.kind, order.key, answer, request.request_id);
}

/// What is decided anew is announced; a repeat is not.
Task<GatewayAnswer> GatewayRoutes::act(const Order& order) {
  const std::string ledger_key = co_await keys_.take(order.key);
  const bool stood = co_await keys_.stands(ledger_key);
  GatewayAnswer answer = co_await send(order, ledger_key);
  if (webhooks_ != nullptr && !stood && is_final(answer)) {
    const bool moves_money = order.kind != "void";
    webhooks_->announce({order.kind, order.key, answer, moves_money ? std::optional(order.amount) : std::nullopt});
  }
  co_return answer;
}

Task<GatewayAnswer> GatewayRoutes::send(const Order& order, std::string ledger_key) {
  const Deadline deadline = clock_.deadline_in(gateway_patience);
  if (order.kind == "charge") co_return co_await simulator_.charge({ledger_key, order.amount, order.product_ids}, deadline);
  if (order.kind == "refund") co_return co_await simulator_.refund({ledger_key, order.about, order.amount}, deadline);
  co_return co_await simulator_.void_charge({ledger_key, co_await keys_.take(order.about)}, deadline);
}

Task<Response> GatewayRoutes::look_up(Request& request) {
  if (!may_enter(request)) co_return refused(401, "The secret is wrong or missing", request.request_id);
  const std::string key(request.param("key"));
  if (const auto ledger_key = co_await keys_.find(key)) {
    const auto found = co_await simulator_.lookup({*ledger_key}, clock_.deadline_in(gateway_patience));
    if (is_final(found)) co_return http::json_text(200, answer_json(key, found));
  }
  JsonWriter json;
  json.begin_object().field("key", key).field("reason", "Nothing stands under this key").end_object();
  co_return http::json_text(404, json.take());
}

bool GatewayRoutes::may_enter(const Request& request) const {
  return options_.secret.empty() || request.header("Authorization") == "Bearer " + options_.secret;
}

}  // namespace edda::paysim

#include "http/routes/v1_routes.hpp"
#include "http/routes/webhooks.hpp"
#include "http/strict_json.hpp"

namespace edda::http::v1 {
namespace {

constexpr std::size_t event_id_bytes_max = 255;
constexpr std::size_t key_bytes_max = 255;
constexpr std::size_t reference_bytes_max = 200;
constexpr std::size_t reason_bytes_max = 200;

/// A member's text; empty where it is absent. Members that are not known are let pass: gateways add some.
Result<std::string> text_of(const JsonValue& body, std::string_view name, std::size_t bytes_min, std::size_t bytes_max) {
  const JsonValue* value = body.find(name);
  if (value == nullptr && bytes_min == 0) return std::string();
  const std::string* text = value != nullptr ? value->as_string() : nullptr;
  if (text == nullptr || text->size() < bytes_min || text->size() > bytes_max || has_control_or_bidi(*text))
    return invalid_parameter(pointer_append("", name), "must be a text without control characters, and neither empty nor too long");
  return *text;
}

Result<std::optional<Money>> amount_of(const JsonValue& body) {
  const JsonValue* value = body.find("amount");
  if (value == nullptr || value->is_null()) return std::nullopt;
  const JsonValue* minor = value->find("amount");
  const JsonValue* code = value->find("currency");
  const auto count = minor != nullptr ? minor->as_int64() : std::nullopt;
  const auto currency = code != nullptr && code->as_string() != nullptr ? parse_currency(*code->as_string()) : std::nullopt;
  if (!count || !currency) return invalid_parameter("/amount", "must be {\"amount\": minor units, \"currency\": \"EUR\"}");
  return Money{*count, *currency};
}

saga::Outcome outcome_of(std::string_view status) {
  if (status == "succeeded") return saga::Outcome::succeeded;
  if (status == "declined") return saga::Outcome::declined;
  return saga::Outcome::unknown;
}

Result<owner::ToldAnswer> read(const std::string& text) {
  TRY(const JsonValue body, parse_strict(text));
  owner::ToldAnswer told;
  TRY(told.event_id, text_of(body, "id", 1, event_id_bytes_max));
  TRY(told.key, text_of(body, "key", 1, key_bytes_max));
  TRY(const std::string status, text_of(body, "status", 1, reason_bytes_max));
  told.outcome = outcome_of(status);
  TRY(told.reference, text_of(body, "reference", 0, reference_bytes_max));
  TRY(told.reason, text_of(body, "reason", 0, reason_bytes_max));
  TRY(told.amount, amount_of(body));
  return told;
}

/// The answer says nothing of what became of it: whoever signs may know that it arrived, not what we hold.
Task<Result<Response>> take(Context context, Request& request) {
  const auto* webhooks = context.operations.webhooks;
  if (webhooks == nullptr || request.param("gateway") != webhooks->gateway) co_return not_found("gateway");
  CO_TRY_VOID(webhooks->verify(request.header("Edda-Signature").value_or(""), request.body, context.api.clock.now()));
  CO_TRY(auto told, read(request.body));
  CO_TRY_VOID(co_await webhooks->delivery.deliver(std::move(told), context.api.deadline()));
  co_return json_text(202, R"({"received":true})");
}

}  // namespace

void add_webhook_routes(Router& router, Context context) {
  add(router, context, Method::post, "/v1/webhooks/{gateway}", "v1TakeWebhook", Access::open(), &take);
}

}  // namespace edda::http::v1

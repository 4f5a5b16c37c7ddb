#include "kafka/step_message.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>

#include "base/json_reader.hpp"
#include "base/json_writer.hpp"
#include "saga/events.hpp"

namespace edda::kafka {
namespace {

using saga::Action;

constexpr std::array<std::pair<Action, std::string_view>, 4> actions{{{Action::charge_payment, "charge_payment"},
                                                                      {Action::refund_payment, "refund_payment"},
                                                                      {Action::reserve_stock, "reserve_stock"},
                                                                      {Action::release_stock, "release_stock"}}};

std::string_view to_string(Action action) {
  for (const auto& [one, name] : actions)
    if (one == action) return name;
  return "";
}

std::optional<Action> parse_action(std::string_view name) {
  for (const auto& [action, one] : actions)
    if (one == name) return action;
  return std::nullopt;
}

struct Key {
  SagaId saga;
  std::string step;
  saga::Direction direction;
};

/// "<saga id>/<step>/<direction>"
std::optional<Key> parse_key(std::string_view key) {
  const auto first = key.find('/');
  const auto last = key.rfind('/');
  if (first == std::string_view::npos || last == first) return std::nullopt;
  const auto saga = parse_id<SagaId>(key.substr(0, first));
  const auto direction = saga::parse_direction(key.substr(last + 1));
  if (!saga || !direction) return std::nullopt;
  return Key{*saga, std::string(key.substr(first + 1, last - first - 1)), *direction};
}

std::unexpected<Error> wrong(std::string_view what) {
  return fail(Errc::invalid_argument, fmt::format("no message of ours: {}", what));
}

void write_lines(JsonWriter& json, const std::vector<StockLine>& lines) {
  json.key("lines").begin_array();
  for (const StockLine& line : lines)
    json.begin_object().field("product_id", line.product_id).field("quantity_thousandths", line.quantity).end_object();
  json.end_array();
}

std::vector<StockLine> read_lines(JsonReader& json) {
  std::vector<StockLine> lines;
  for (const auto& value : json.array("lines")) {
    if (!value.is_object()) continue;
    JsonReader line(value.get_object());
    lines.push_back({line.string("product_id"), line.integer("quantity_thousandths")});
    json.merge(line);
  }
  return lines;
}

int attempt_of(JsonReader& json) { return static_cast<int>(std::clamp<std::int64_t>(json.integer("attempt"), 1, 1'000'000)); }

}  // namespace

std::string to_json(const StepMessage& message) {
  const StepRequest& request = message.request;
  JsonWriter json;
  json.begin_object()
      .field("send", message.send)
      .field("key", request.key)
      .field("order", request.order)
      .field("step", std::string_view(request.step))
      .field("direction", saga::to_string(request.direction))
      .field("attempt", request.attempt)
      .field("resent", request.resent)
      .field("action", to_string(request.action))
      .field("amount", request.amount);
  if (!request.forward_key.empty()) json.field("forward_key", request.forward_key);
  if (!request.charge_reference.empty()) json.field("charge_reference", request.charge_reference);
  if (request.not_after) json.field("not_after", *request.not_after);
  json.key("product_ids").begin_array();
  for (const std::string& product : request.product_ids) json.value(product);
  json.end_array();
  write_lines(json, request.lines);
  return json.end_object().take();
}

Result<StepMessage> parse_step(std::string_view text) {
  JsonReader json(text);
  StepMessage message;
  StepRequest& request = message.request;
  message.send = json.string("send");
  request.key = json.string("key");
  request.order = json.id<OrderId>("order");
  request.attempt = attempt_of(json);
  request.resent = json.boolean_or("resent", true);
  request.amount = json.money("amount");
  request.forward_key = json.string_or("forward_key", "");
  request.charge_reference = json.string_or("charge_reference", "");
  request.product_ids = json.strings_or_none("product_ids");
  request.lines = read_lines(json);
  const auto action = parse_action(json.string("action"));
  const std::string not_after = json.string_or("not_after", "");
  const auto key = parse_key(request.key);
  if (json.error()) return wrong(json.error()->message);
  if (!action || !key) return wrong("its action or key");
  request.saga = key->saga;
  request.step = key->step;
  request.direction = key->direction;
  request.action = *action;
  if (not_after.empty()) return message;
  request.not_after = parse_rfc3339(not_after);
  // Better not done than done too late.
  if (!request.not_after) return wrong("its not_after");
  return message;
}

StepResult result_of(const StepMessage& message, GatewayAnswer answer) {
  const StepRequest& request = message.request;
  return {message.send, request.saga, request.order, request.step, request.direction, request.attempt, request.key, std::move(answer)};
}

std::string to_json(const StepResult& result) {
  JsonWriter json;
  json.begin_object()
      .field("send", result.send)
      .field("key", result.key)
      .field("order", result.order)
      .field("attempt", result.attempt)
      .field("outcome", saga::to_string(result.answer.outcome));
  if (!result.answer.reference.empty()) json.field("reference", result.answer.reference);
  if (!result.answer.reason.empty()) json.field("reason", result.answer.reason);
  return json.end_object().take();
}

Result<StepResult> parse_result(std::string_view text) {
  JsonReader json(text);
  StepResult result;
  result.send = json.string("send");
  result.key = json.string("key");
  result.order = json.id<OrderId>("order");
  result.attempt = attempt_of(json);
  const auto outcome = saga::parse_outcome(json.string("outcome"));
  result.answer.reference = json.string_or("reference", "");
  result.answer.reason = json.string_or("reason", "");
  const auto key = parse_key(result.key);
  if (json.error()) return wrong(json.error()->message);
  if (!outcome || !key) return wrong("its outcome or key");
  result.saga = key->saga;
  result.step = key->step;
  result.direction = key->direction;
  result.answer.outcome = *outcome;
  return result;
}

}  // namespace edda::kafka

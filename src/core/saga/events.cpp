#include "saga/events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <type_traits>

#include "base/json_reader.hpp"
#include "base/json_writer.hpp"
#include "eventsourcing/event.hpp"

namespace edda::saga {
namespace {

// In the order of the variant's alternatives.
constexpr std::array<std::string_view, std::variant_size_v<Event>> type_names{
    "SagaStarted",         "SagaStepRequested",       "SagaStepCompleted",   "SagaStepDeclined", "SagaStepFailed",
    "SagaStepUnknown",     "SagaStepVoided",          "SagaCancelRequested", "SagaCompensationStarted",
    "SagaStepCompensated", "SagaParked",              "SagaCompleted",       "SagaCompensated",  "SagaWaitStarted",
    "SagaSignalled",       "SagaStepSkipped",         "SagaActionTaken",     "SagaPaused",       "SagaResumed",
    "SagaForceClosed",     "SagaDeadlinePassed"};

void write_attempt(JsonWriter& json, const auto& e) {
  json.field("stepName", e.step).field("direction", to_string(e.direction)).field("attempt", e.attempt);
}
void write_retry(JsonWriter& json, const std::optional<milliseconds>& retry_in) {
  if (retry_in) json.field("retryInMs", static_cast<std::int64_t>(retry_in->count()));
}

void write(JsonWriter& json, const SagaStarted& e) {
  json.field("sagaType", e.definition)
      .field("definitionVersion", e.definition_version)
      .field("orderId", e.order)
      .field("userId", e.user);
  if (e.with.empty()) return;
  json.key("with").begin_array();
  for (const auto& step : e.with) json.value(step);
  json.end_array();
}
void write(JsonWriter& json, const SagaStepRequested& e) {
  write_attempt(json, e);
  json.field("epoch", e.epoch.value);
}
void write(JsonWriter& json, const SagaStepCompleted& e) {
  json.field("stepName", e.step).field("attempt", e.attempt);
}
void write(JsonWriter& json, const SagaStepDeclined& e) {
  write_attempt(json, e);
  json.field("reason", e.reason);
}
void write(JsonWriter& json, const SagaStepFailed& e) {
  write_attempt(json, e);
  json.field("reason", e.reason).field("inDoubt", e.in_doubt).field("ended", e.ended);
  write_retry(json, e.retry_in);
}
void write(JsonWriter& json, const SagaStepUnknown& e) {
  write_attempt(json, e);
  json.field("reason", e.reason);
  write_retry(json, e.retry_in);
}
void write(JsonWriter& json, const SagaStepVoided& e) { json.field("stepName", e.step).field("attempt", e.attempt); }
void write(JsonWriter& json, const SagaCancelRequested& e) { json.field("reason", e.reason); }
void write(JsonWriter& json, const SagaCompensationStarted& e) { json.field("reason", e.reason); }
void write(JsonWriter& json, const SagaStepCompensated& e) {
  json.field("stepName", e.step).field("compensation", e.compensation).field("attempt", e.attempt);
}
void write(JsonWriter& json, const SagaParked& e) {
  json.field("stepName", e.step).field("direction", to_string(e.direction)).field("reason", e.reason);
  if (e.declined) json.field("declined", true);
}
void write(JsonWriter& json, const SagaWaitStarted& e) { json.field("stepName", e.step); }
void write(JsonWriter& json, const SagaSignalled& e) {
  json.field("stepName", e.step).field("accepted", e.accepted).field("by", e.by).field("reason", e.reason);
}
void write(JsonWriter& json, const SagaStepSkipped& e) { json.field("stepName", e.step); }
void write(JsonWriter& json, const SagaActionTaken& e) {
  json.field("action", to_string(e.action)).field("by", e.by).field("reason", e.reason);
  if (!e.step.empty()) json.field("stepName", e.step);
}
// The type says it all.
template <class E>
  requires std::is_empty_v<E>
void write(JsonWriter&, const E&) {}

int read_attempt(JsonReader& json) { return static_cast<int>(json.integer("attempt")); }
Direction read_direction(JsonReader& json) {
  return parse_direction(json.string("direction")).value_or(Direction::forward);
}
std::optional<milliseconds> read_retry(JsonReader& json) {
  const auto ms = json.integer_or("retryInMs", -1);
  return ms < 0 ? std::nullopt : std::optional(milliseconds(ms));
}

Result<Event> read_action(JsonReader& json) {
  const std::string name = json.string("action");
  const auto action = parse_operator_action(name);
  if (!action) return fail(Errc::corrupt, fmt::format("'{}' is no operator's action this release knows", name));
  return SagaActionTaken{*action, json.id<UserId>("by"), json.string("reason"), json.string_or("stepName", "")};
}

std::optional<Event> read_bare(std::string_view type) {
  if (type == "SagaCompleted") return SagaCompleted{};
  if (type == "SagaCompensated") return SagaCompensated{};
  if (type == "SagaPaused") return SagaPaused{};
  if (type == "SagaResumed") return SagaResumed{};
  if (type == "SagaForceClosed") return SagaForceClosed{};
  if (type == "SagaDeadlinePassed") return SagaDeadlinePassed{};
  return std::nullopt;
}

Result<Event> read(std::string_view type, JsonReader& json) {
  if (type == "SagaStarted")
    return SagaStarted{json.id<SagaId>("sagaId"),       json.string("sagaType"),
                       static_cast<int>(json.integer("definitionVersion")),
                       json.id<OrderId>("orderId"),     json.id<UserId>("userId"),
                       json.strings_or_none("with")};
  if (type == "SagaStepRequested")
    return SagaStepRequested{json.string("stepName"), read_direction(json), read_attempt(json),
                             Epoch{json.integer("epoch")}};
  if (type == "SagaStepCompleted") return SagaStepCompleted{json.string("stepName"), read_attempt(json)};
  if (type == "SagaStepDeclined")
    return SagaStepDeclined{json.string("stepName"), read_direction(json), read_attempt(json), json.string("reason")};
  if (type == "SagaStepFailed")
    return SagaStepFailed{json.string("stepName"),           read_direction(json),           read_attempt(json),
                          json.string("reason"),             json.boolean_or("inDoubt", true), json.boolean_or("ended", false),
                          read_retry(json)};
  if (type == "SagaStepUnknown")
    return SagaStepUnknown{json.string("stepName"), read_direction(json), read_attempt(json), json.string("reason"),
                           read_retry(json)};
  if (type == "SagaStepVoided") return SagaStepVoided{json.string("stepName"), read_attempt(json)};
  if (type == "SagaCancelRequested") return SagaCancelRequested{json.string("reason")};
  if (type == "SagaCompensationStarted") return SagaCompensationStarted{json.string("reason")};
  if (type == "SagaStepCompensated")
    return SagaStepCompensated{json.string("stepName"), json.string("compensation"), read_attempt(json)};
  if (type == "SagaParked")
    return SagaParked{json.string("stepName"), read_direction(json), json.string("reason"),
                      json.boolean_or("declined", false)};
  if (type == "SagaWaitStarted") return SagaWaitStarted{json.string("stepName")};
  if (type == "SagaSignalled")
    return SagaSignalled{json.string("stepName"), json.boolean_or("accepted", false), json.id<UserId>("by"),
                         json.string("reason")};
  if (type == "SagaStepSkipped") return SagaStepSkipped{json.string("stepName")};
  if (type == "SagaActionTaken") return read_action(json);
  if (auto event = read_bare(type)) return *std::move(event);
  return fail_newer_release(fmt::format("'{}' is no event of a saga this release knows", type));
}

constexpr std::array<std::string_view, 8> action_names{"retry", "skip",   "compensate",  "cancel",
                                                       "pause", "resume", "force_close", "state_outcome"};

}  // namespace

std::string_view to_string(OperatorAction action) { return action_names[static_cast<std::size_t>(action)]; }

std::optional<OperatorAction> parse_operator_action(std::string_view name) {
  const auto found = std::ranges::find(action_names, name);
  if (found == action_names.end()) return std::nullopt;
  return static_cast<OperatorAction>(found - action_names.begin());
}

std::string_view to_string(Direction direction) {
  switch (direction) {
    case Direction::forward: return "forward";
    case Direction::compensate: return "compensate";
    case Direction::void_request: return "void";
  }
  return "forward";
}

std::optional<Direction> parse_direction(std::string_view name) {
  for (const auto direction : {Direction::forward, Direction::compensate, Direction::void_request})
    if (to_string(direction) == name) return direction;
  return std::nullopt;
}

std::string_view type_name(const Event& event) { return type_names[event.index()]; }

std::string encode(SagaId saga, const Event& event) {
  JsonWriter json;
  json.begin_object().field("sagaId", saga);
  std::visit([&](const auto& e) { write(json, e); }, event);
  json.end_object();
  return json.take();
}

Result<Event> decode(std::string_view type, std::string_view data) {
  JsonReader json(data);
  auto event = read(type, json);
  if (event && json.error()) return std::unexpected(*json.error());
  return event;
}

}  // namespace edda::saga

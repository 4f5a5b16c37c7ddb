#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.hpp"
#include "http/routes/old_order_body.hpp"
#include "http/routes/old_routes.hpp"
#include "http/routes/old_support.hpp"
#include "ports/lock.hpp"

namespace edda::http::old {
namespace {

// Of the replaced system, to the millisecond: its scripts count on what these routes take.
constexpr milliseconds lock_ttl{30'000};
constexpr int lock_tries = 6;  // the first and five more
constexpr milliseconds pause_between_tries{500};
constexpr milliseconds saga_creation_takes{2'000};
constexpr milliseconds manual_ttl{10'000};
constexpr milliseconds manual_renewed_ttl{15'000};
constexpr milliseconds manual_before_renewal{3'000};
constexpr milliseconds manual_after_renewal{5'000};
constexpr std::size_t duration_default_ms = 5'000;
constexpr std::size_t duration_max_ms = 30'000;  // no longer than the lock lives
constexpr std::size_t name_length_max = 100;

std::string lock_key(std::string_view name) { return fmt::format("lock:{}", name); }

std::string base36(std::uint64_t number) {
  std::string digits;
  do {
    digits += "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36];
    number /= 36;
  } while (number > 0);
  std::ranges::reverse(digits);
  return digits;
}

std::string new_token(Api& api) {
  return fmt::format("{}-{}", to_micros(api.clock.now()) / 1000, base36(api.random.next()));
}

Task<void> wait(Api& api, milliseconds time) { co_await api.clock.sleep_until(api.clock.steady_now() + time); }

// A release that finds nobody there to ask leaves the lock to its own end.
Task<bool> release(Api& api, std::string key, std::string token) {
  co_return (co_await api.locks.unlock(std::move(key), std::move(token), api.deadline())).value_or(false);
}

// True: held. A lock that cannot be had, for whatever reason, is an answer here, not an error.
Task<bool> acquire(Api& api, std::string key, std::string token) {
  bool unsure = false;  // a try without an answer may hold it
  for (int attempt = 1; attempt <= lock_tries; ++attempt) {
    const auto held = co_await api.locks.try_lock(key, token, lock_ttl, api.deadline());
    if (held && *held) co_return true;
    unsure = unsure || !held;
    if (attempt < lock_tries) co_await wait(api, pause_between_tries);
  }
  if (unsure) co_await release(api, std::move(key), std::move(token));
  co_return false;
}

/// What these routes take from the query or, with more right, from the body.
struct Parameters {
  std::string node = "node-1";
  std::optional<std::string> correlation;
  std::size_t duration_ms = duration_default_ms;
  std::vector<FieldError> errors;
};

void read_text_parameter(const Request& request, const JsonValue& body, std::string_view name, std::size_t length_max,
                         std::optional<std::string>& value, std::vector<FieldError>& errors) {
  if (const auto in_query = request.query(name)) value = std::string(*in_query);
  if (auto in_body = read_text(body, name, length_max, false, errors)) value = std::move(in_body);
  if (value && (value->empty() || value->size() > length_max)) {
    errors.push_back(field_error(
        name, fmt::format("must be longer than or equal to 1 and shorter than or equal to {} characters", length_max)));
  }
}

Result<Parameters> read_parameters(const Request& request) {
  TRY(const JsonValue body, parse_body(request));
  Parameters parameters;
  TRY(parameters.duration_ms, number_query(request, "duration", duration_default_ms, 0));
  if (const JsonValue* duration = body.find("duration")) {
    const auto number = duration->as_int64();
    if (!number || *number < 0) parameters.errors.push_back(field_error("duration", "must be an integer number"));
    parameters.duration_ms = static_cast<std::size_t>(std::max<std::int64_t>(0, number.value_or(0)));
  }
  if (parameters.duration_ms > duration_max_ms) {
    parameters.errors.push_back(field_error("duration", fmt::format("must not be greater than {}", duration_max_ms)));
  }
  std::optional<std::string> node;
  read_text_parameter(request, body, "nodeId", name_length_max, node, parameters.errors);
  if (node) parameters.node = *std::move(node);
  read_text_parameter(request, body, "correlationId", key_length_max, parameters.correlation, parameters.errors);
  return parameters;
}

std::int64_t ms_since(Api& api, SteadyTime start) {
  return std::chrono::duration_cast<milliseconds>(api.clock.steady_now() - start).count();
}

Response lock_failed(std::string_view name, const Parameters& parameters, std::int64_t total_ms) {
  JsonWriter json;
  json.begin_object()
      .field("success", false)
      .field("error", fmt::format("Failed to acquire lock: {}", name))
      .field("totalTime", total_ms)
      .field("nodeId", parameters.node)
      .field("message", fmt::format("Failed to acquire lock for {}", name))
      .end_object();
  return json_text(201, json.take());
}

Task<Result<Response>> test_lock(Api& api, Request& request) {
  const SteadyTime start = api.clock.steady_now();
  const std::string name(request.param("key"));
  CO_TRY(Parameters parameters, read_parameters(request));
  if (!parameters.errors.empty()) co_return invalid(request, std::move(parameters.errors));
  const std::string token = new_token(api);
  if (!co_await acquire(api, lock_key(name), token)) co_return lock_failed(name, parameters, ms_since(api, start));
  co_await wait(api, milliseconds(parameters.duration_ms));
  const Timestamp executed_at = api.clock.now();
  co_await release(api, lock_key(name), token);
  JsonWriter json;
  json.begin_object().field("success", true).key("result").begin_object();
  json.field("nodeId", parameters.node)
      .field("message", fmt::format("Critical section executed by {}", parameters.node))
      .field("workDuration", parameters.duration_ms)
      .field("executedAt", executed_at)
      .end_object();
  json.field("totalTime", ms_since(api, start))
      .field("message", fmt::format("Lock acquired and released successfully by {}", parameters.node))
      .end_object();
  co_return json_text(201, json.take());
}

Response creation_failed(std::string_view name, const Parameters& parameters) {
  JsonWriter json;
  json.begin_object()
      .field("success", false)
      .field("error", fmt::format("Failed to acquire lock: {}", name))
      .field("nodeId", parameters.node)
      .field("correlationId", *parameters.correlation)
      .end_object();
  return json_text(201, json.take());
}

// For show, as there: no saga comes into being.
Task<Result<Response>> test_saga_creation(Api& api, Request& request) {
  CO_TRY(Parameters parameters, read_parameters(request));
  if (!parameters.correlation) parameters.errors.push_back(field_error("correlationId", "must be a string"));
  if (!parameters.errors.empty()) co_return invalid(request, std::move(parameters.errors));
  const std::string name = fmt::format("saga_creation:OrderProcessingSaga:{}", *parameters.correlation);
  const std::string token = new_token(api);
  if (!co_await acquire(api, lock_key(name), token)) co_return creation_failed(name, parameters);
  co_await wait(api, saga_creation_takes);
  co_await release(api, lock_key(name), token);
  const Timestamp now = api.clock.now();
  JsonWriter json;
  json.begin_object().field("success", true).key("result").begin_object();
  json.field("sagaId", api.random.uuid_v7(now))
      .field("correlationId", *parameters.correlation)
      .field("createdBy", parameters.node)
      .field("createdAt", now)
      .end_object();
  json.field("message", fmt::format("Saga created successfully by {}", parameters.node)).end_object();
  co_return json_text(201, json.take());
}

Task<Result<Response>> show_lock(Api& api, Request& request) {
  const std::string name(request.param("key"));
  CO_TRY(const bool locked, co_await api.locks.is_locked(lock_key(name), api.deadline()));
  JsonWriter json;
  json.begin_object().field("key", name).field("isLocked", locked).field("checkedAt", api.clock.now()).end_object();
  co_return json_text(200, json.take());
}

Task<Result<Response>> test_by_hand(Api& api, Request& request) {
  const std::string name(request.param("key"));
  const std::string key = lock_key(name);
  const std::string token = new_token(api);
  const bool acquired = (co_await api.locks.try_lock(key, token, manual_ttl, api.deadline())).value_or(false);
  JsonWriter json;
  json.begin_object().field("success", acquired);
  if (!acquired) {
    json.field("message", fmt::format("Failed to acquire lock for {}", name)).end_object();
    co_return json_text(201, json.take());
  }
  const Timestamp acquired_at = api.clock.now();
  co_await wait(api, manual_before_renewal);
  const bool renewed = (co_await api.locks.renew(key, token, manual_renewed_ttl, api.deadline())).value_or(false);
  co_await wait(api, manual_after_renewal);
  const bool released = co_await release(api, key, token);
  json.key("lockInfo").begin_object().field("key", key).field("token", token);
  json.field("ttl", static_cast<std::int64_t>(manual_renewed_ttl.count()))
      .field("acquiredAt", acquired_at)
      .end_object();
  json.key("operations")
      .begin_object()
      .field("acquired", acquired)
      .field("renewed", renewed)
      .field("released", released);
  json.end_object().end_object();
  co_return json_text(201, json.take());
}

}  // namespace

void add_lock_test_routes(Router& router, Api& api) {
  const Access access = test_routes_access(api.settings);
  add(router, api, Method::post, "/redis-test/lock/{key}", "testLock", access, &test_lock);
  add(router, api, Method::post, "/redis-test/saga-creation-test", "testSagaCreation", access, &test_saga_creation);
  add(router, api, Method::get, "/redis-test/lock-status/{key}", "lockStatus", access, &show_lock);
  add(router, api, Method::post, "/redis-test/manual-lock/{key}", "manualLock", access, &test_by_hand);
}

}  // namespace edda::http::old

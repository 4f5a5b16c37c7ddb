#include <algorithm>

#include "config/setting_groups.hpp"

namespace edda::config {
namespace {

bool is_currency(std::string_view text) {
  return text.size() == 3 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}
bool is_email(std::string_view text) {
  const auto at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() && text.find(' ') == std::string_view::npos;
}
bool is_password_or_unset(std::string_view text) { return text.empty() || text.size() >= 8; }

std::vector<Setting> server_settings() {
  return {
      {.key = "server.mode", .place = EDDA_AT(server.mode), .fallback = "development",
       .about = "Demo seeds users and orders; development warns; production refuses what is unsafe.",
       .aliases = {"EDDA_MODE", "NODE_ENV"}, .in_demo = "demo"},
      {.key = "server.data", .place = EDDA_AT(server.data), .fallback = "data",
       .about = "Folder that holds the store; created when it is missing.", .allowed = "a folder", .fits = is_text,
       .aliases = {"EDDA_DATA"}, .in_demo = "data/demo"},
      {.key = "server.host", .place = EDDA_AT(server.host), .fallback = "0.0.0.0", .about = "Address to listen on.",
       .allowed = "an IP address", .fits = is_host, .aliases = {"EDDA_HOST"}, .in_demo = "127.0.0.1"},
      {.key = "server.port", .place = EDDA_AT(server.port), .fallback = "3000",
       .about = "Port to listen on; 0 takes a free one.", .least = 0, .most = 65'535, .aliases = {"PORT"}},
      {.key = "server.node_id", .place = EDDA_AT(server.node_id), .fallback = "",
       .about = "This node's name, which no other node of the store may have; it stands in every event the node writes. Unset: the "
                "machine's name and the port.",
       .allowed = "1 to 253 letters, digits, '-', '_' or '.'", .fits = is_name_or_unset, .aliases = {"NODE_ID"}},
      {.key = "server.log_level", .place = EDDA_AT(server.log_level), .fallback = "info",
       .about = "The least important messages that are logged; 'edda log-level' changes it while the node runs.", .aliases = {"LOG_LEVEL"}},
      {.key = "server.log_rate_max", .place = EDDA_AT(server.log_rate_max), .fallback = "1000",
       .about = "Entries of the log a second, of what is wrong and of the rest each; further ones are left out and counted; 0: no limit.",
       .least = 0, .most = 1'000'000},
      {.key = "server.stop_delay_ms", .place = EDDA_AT(server.stop_delay), .fallback = "0",
       .about = "How long requests are still taken after SIGTERM while /readyz says 503: longer than a balancer takes to notice.",
       .least = 0, .most = minute_ms},
      {.key = "server.drain_timeout_ms", .place = EDDA_AT(server.drain_timeout), .fallback = "10000",
       .about = "How long requests under way may take to end after SIGTERM.", .least = 0, .most = 10 * minute_ms},
  };
}

std::vector<Setting> auth_settings() {
  return {
      {.key = "auth.jwt_secret", .place = EDDA_AT(auth.jwt_secret), .fallback = "",
       .about = "Signs access tokens; unset: made once, in the store. Production wants 32 characters or more.",
       .aliases = {"JWT_SECRET"}},
      {.key = "auth.jwt_refresh_secret", .place = EDDA_AT(auth.jwt_refresh_secret), .fallback = "",
       .about = "Signs refresh tokens; as auth.jwt_secret.", .aliases = {"JWT_REFRESH_SECRET"}},
      {.key = "auth.access_expires_in", .place = EDDA_AT(auth.access_expires_in), .fallback = "24h",
       .about = "Life of an access token.", .least = 1000, .most = 30 * day_ms, .aliases = {"JWT_EXPIRES_IN"}},
      {.key = "auth.refresh_expires_in", .place = EDDA_AT(auth.refresh_expires_in), .fallback = "7d",
       .about = "Life of a refresh token.", .least = 1000, .most = 365 * day_ms, .aliases = {"JWT_REFRESH_EXPIRES_IN"}},
      {.key = "auth.accept_legacy_tokens", .place = EDDA_AT(auth.accept_legacy_tokens), .fallback = "false",
       .about = "Accept unexpired access tokens of the replaced system (needs its JWT secret)."},
      {.key = "auth.admin_email", .place = EDDA_AT(auth.admin_email), .fallback = "admin@edda.local",
       .about = "The administrator made when the store has none.", .allowed = "an e-mail address", .fits = is_email,
       .aliases = {"ADMIN_EMAIL"}},
      {.key = "auth.admin_password", .place = EDDA_AT(auth.admin_password), .fallback = "",
       .about = "That administrator's password; unset: made up, and shown on a terminal or left in a 0600 file.",
       .allowed = "8 characters or more", .fits = is_password_or_unset, .aliases = {"ADMIN_PASSWORD"}},
      {.key = "auth.hashing_concurrency", .place = EDDA_AT(auth.hashing_concurrency), .fallback = "1",
       .about = "Passwords hashed at the same time; each takes a core.", .least = 1, .most = 64},
      {.key = "auth.hashing_queue_max", .place = EDDA_AT(auth.hashing_queue_max), .fallback = "32",
       .about = "Passwords that may wait to be hashed; a further one is answered 503.", .least = 1, .most = 10'000},
      {.key = "auth.logins_per_account", .place = EDDA_AT(auth.logins_per_account), .fallback = "30",
       .about = "Login tries a minute for one account.", .least = 1, .most = 1'000'000},
      {.key = "auth.logins_per_address", .place = EDDA_AT(auth.logins_per_address), .fallback = "300",
       .about = "Login tries a minute from one address.", .least = 1, .most = 1'000'000},
      {.key = "auth.registrations_per_address", .place = EDDA_AT(auth.registrations_per_address), .fallback = "300",
       .about = "New accounts a minute from one address.", .least = 1, .most = 1'000'000},
      {.key = "auth.refreshes_per_address", .place = EDDA_AT(auth.refreshes_per_address), .fallback = "300",
       .about = "Token refreshes a minute from one address.", .least = 1, .most = 1'000'000},
  };
}

std::vector<Setting> order_settings() {
  return {
      {.key = "orders.currency", .place = EDDA_AT(orders.currency), .fallback = "USD",
       .about = "Currency of prices on the unversioned routes.", .allowed = "three capital letters (ISO 4217)",
       .fits = is_currency},
      {.key = "orders.duplicates", .place = EDDA_AT(orders.duplicates), .fallback = "product",
       .about = "What makes two orders of the unversioned routes the same one; under /v1 it is the Idempotency-Key alone."},
      {.key = "orders.approval_above", .place = EDDA_AT(orders.approval_above), .fallback = "0",
       .about = "Orders whose total is above this, in minor units of their currency, wait for an operator's approval before they are "
                "charged (for 24 hours; then they are cancelled); 0: none does.",
       .least = 0, .most = 999'999'999'999'999},
      {.key = "payment.success_rate", .place = EDDA_AT(payment.success_rate), .fallback = "0.8",
       .about = "Share of charges that the payment simulator accepts.", .least = 0, .most = 1},
      {.key = "payment.latency_ms_min", .place = EDDA_AT(payment.latency_min), .fallback = "50",
       .about = "The simulator's quickest answer.", .least = 0, .most = minute_ms},
      {.key = "payment.latency_ms_max", .place = EDDA_AT(payment.latency_max), .fallback = "300",
       .about = "The simulator's slowest answer.", .least = 0, .most = minute_ms},
      {.key = "payment.simulator_in_production", .place = EDDA_AT(payment.simulator_in_production), .fallback = "false",
       .about = "Let production run on the payment simulator: nobody is charged."},
  };
}

std::vector<Setting> gateway_settings() {
  return {
      {.key = "gateway.url", .place = EDDA_AT(gateway.url), .fallback = "",
       .about = "Payment gateway that speaks docs/gateway.md; unset: the payment simulator in this process.",
       .allowed = "http://HOST:PORT or https://HOST, with a path or without", .fits = is_url_or_unset,
       .aliases = {"PAYMENT_GATEWAY_URL"}},
      {.key = "gateway.secret", .place = EDDA_AT(gateway.secret), .fallback = "",
       .about = "Sent to the gateway as a bearer token.", .aliases = {"PAYMENT_GATEWAY_SECRET"}},
      {.key = "gateway.name", .place = EDDA_AT(gateway.name), .fallback = "payments",
       .about = "Its name in POST /v1/webhooks/NAME.", .allowed = "1 to 253 letters, digits, '-', '_' or '.'", .fits = is_name},
      {.key = "gateway.webhook_secret", .place = EDDA_AT(gateway.webhook_secret), .fallback = "",
       .about = "The secret that the gateway signs its webhooks with; unset: webhooks are answered 404.",
       .aliases = {"PAYMENT_GATEWAY_WEBHOOK_SECRET"}},
      {.key = "gateway.timeout_ms", .place = EDDA_AT(gateway.timeout), .fallback = "4000",
       .about = "Time for the gateway to answer one request; a step's 10 s must hold two, a lookup and a send.", .least = 50,
       .most = minute_ms},
      {.key = "gateway.connections_max", .place = EDDA_AT(gateway.connections_max), .fallback = "32",
       .about = "Connections to the gateway that are open at once; further requests wait.", .least = 1, .most = 1000},
      {.key = "gateway.breaker_failures", .place = EDDA_AT(gateway.breaker_failures), .fallback = "20",
       .about = "Requests failed or unanswered in a row after which the gateway is left alone for a while: steps wait, none fails; 0: never.",
       .least = 0, .most = 100'000},
      {.key = "gateway.breaker_rate", .place = EDDA_AT(gateway.breaker_rate), .fallback = "0.5",
       .about = "Share of the last hundred requests failed or unanswered that has the same effect.", .least = 0.01, .most = 1},
      {.key = "gateway.breaker_pause_ms", .place = EDDA_AT(gateway.breaker_pause), .fallback = "1000",
       .about = "How long, before one request is let through to see; doubled while that fails.", .least = 10, .most = minute_ms},
      {.key = "gateway.breaker_pause_max_ms", .place = EDDA_AT(gateway.breaker_pause_max), .fallback = "30000",
       .about = "The longest such pause.", .least = 10, .most = 60 * minute_ms},
  };
}

std::vector<Setting> http_settings() {
  return {
      {.key = "http.connections_max", .place = EDDA_AT(http.connections_max), .fallback = "4096",
       .about = "Open connections; a further one is answered 503.", .least = 1, .most = 1'000'000},
      {.key = "http.requests_in_flight_max", .place = EDDA_AT(http.requests_in_flight_max), .fallback = "2048",
       .about = "Requests being answered; a further one is answered 503.", .least = 1, .most = 1'000'000},
      {.key = "http.head_bytes_max", .place = EDDA_AT(http.head_bytes_max), .fallback = "16384",
       .about = "Size of a request's head; beyond: 431.", .least = 1024, .most = mebi},
      {.key = "http.headers_max", .place = EDDA_AT(http.headers_max), .fallback = "100",
       .about = "Header lines of a request; beyond: 431.", .least = 8, .most = 10'000},
      {.key = "http.body_bytes_max", .place = EDDA_AT(http.body_bytes_max), .fallback = "102400",
       .about = "Size of a body on the unversioned routes; beyond: 413.", .least = 1024, .most = 64 * mebi},
      {.key = "http.v1_body_bytes_max", .place = EDDA_AT(http.v1_body_bytes_max), .fallback = "1048576",
       .about = "Size of a body under /v1; beyond: 413.", .least = 1024, .most = 64 * mebi},
      {.key = "http.head_timeout_ms", .place = EDDA_AT(http.head_timeout), .fallback = "10000",
       .about = "Time for a request's head to arrive; beyond: 408.", .least = 100, .most = 10 * minute_ms},
      {.key = "http.body_timeout_ms", .place = EDDA_AT(http.body_timeout), .fallback = "10000",
       .about = "Time for its body to arrive; beyond: 408.", .least = 100, .most = 10 * minute_ms},
      {.key = "http.idle_timeout_ms", .place = EDDA_AT(http.idle_timeout), .fallback = "75000",
       .about = "Time between two requests of a connection; longer than the 60 s of common proxies.", .least = 100,
       .most = 60 * minute_ms},
      {.key = "http.write_timeout_ms", .place = EDDA_AT(http.write_timeout), .fallback = "10000",
       .about = "Time for the client to take one answer, else it is dropped.", .least = 100, .most = 10 * minute_ms},
      {.key = "http.request_timeout_ms", .place = EDDA_AT(http.request_timeout), .fallback = "15000",
       .about = "Time for the server to answer a request; beyond: 503.", .least = 100, .most = 10 * minute_ms},
      {.key = "http.trusted_proxies", .place = EDDA_AT(http.trusted_proxies), .fallback = "",
       .about = "Addresses or CIDR blocks whose X-Forwarded-For is believed."},
      {.key = "http.cors_open", .place = EDDA_AT(http.cors_open), .fallback = "true",
       .about = "Let pages of any origin call the API.", .in_production = "false"},
      {.key = "http.open_test_routes", .place = EDDA_AT(http.open_test_routes), .fallback = "true",
       .about = "Leave redis-test, db-test, kafka-test and db-pool open; else they are the administrator's.",
       .in_production = "false"},
  };
}

}  // namespace

const std::vector<Setting>& settings() {
  static const std::vector<Setting> all = [] {
    std::vector<Setting> rows;
    for (auto group : {server_settings, cluster_settings, auth_settings, order_settings, gateway_settings, http_settings, store_settings, tracing_settings}) {
      for (auto& row : group()) rows.push_back(std::move(row));
    }
    return rows;
  }();
  return all;
}

const Setting* find_setting(std::string_view key) {
  const auto& all = settings();
  const auto found = std::ranges::find(all, key, &Setting::key);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace edda::config

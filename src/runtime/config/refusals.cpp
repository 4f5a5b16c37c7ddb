#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/load.hpp"
#include "config/setting.hpp"

namespace edda::config {
namespace {

constexpr std::size_t jwt_secret_size_min = 32;
constexpr std::size_t webhook_secret_size_min = 16;
// Published with the replaced system: everybody can sign with them.
constexpr std::array<std::string_view, 3> published_secrets{"your-super-secret-jwt-key-change-this-in-production",
                                                            "your-refresh-secret-key", "your-jwt-secret-key"};

Problem problem(const Loaded& loaded, std::string_view key, std::string message) {
  return {std::string(key), std::string(loaded.origin(key)), std::move(message)};
}

/// What is said of a service without the service, or of a proof without the other half of it.
std::vector<Problem> half_given(const Loaded& loaded) {
  std::vector<Problem> found;
  const auto& config = loaded.config;
  const auto needs = [&](bool given, std::string_view key, bool other, std::string_view other_key) {
    if (given && !other) found.push_back(problem(loaded, key, fmt::format("is set, but {} is not; set both or neither", other_key)));
  };
  needs(!config.database.password.empty(), "database.password", !config.database.host.empty(), "database.host");
  needs(!config.redis.password.empty(), "redis.password", !config.redis.host.empty(), "redis.host");
  needs(!config.redis.user.empty(), "redis.user", !config.redis.password.empty(), "redis.password");
  const bool sasl = config.kafka.protocol.starts_with("sasl");
  needs(!config.kafka.user.empty(), "kafka.user", !config.kafka.password.empty(), "kafka.password");
  needs(!config.kafka.password.empty(), "kafka.password", !config.kafka.user.empty(), "kafka.user");
  if (sasl && config.kafka.user.empty())
    found.push_back(problem(loaded, "kafka.protocol", "wants a user: set kafka.user and kafka.password"));
  if (!sasl && !config.kafka.user.empty())
    found.push_back(problem(loaded, "kafka.user", "is not proved with this kafka.protocol; take sasl_ssl or sasl_plaintext"));
  if (config.steps.payment_processing == "kafka" && config.kafka.brokers.empty())
    found.push_back(problem(loaded, "steps.payment_processing", "wants kafka.brokers, where workers are reached"));
  return found;
}

std::vector<Problem> weak_secrets(const Loaded& loaded) {
  std::vector<Problem> found;
  const auto judge = [&](std::string_view key, const Secret& secret) {
    // Unset is fine: one is made in the store, and it is strong.
    if (secret.empty()) return;
    if (std::ranges::find(published_secrets, secret.reveal()) != published_secrets.end()) {
      found.push_back(problem(loaded, key, "is a secret that is published; make one: openssl rand -hex 32"));
    } else if (secret.size() < jwt_secret_size_min) {
      found.push_back(problem(loaded, key, "is shorter than 32 characters; make one: openssl rand -hex 32"));
    }
  };
  judge("auth.jwt_secret", loaded.config.auth.jwt_secret);
  judge("auth.jwt_refresh_secret", loaded.config.auth.jwt_refresh_secret);
  return found;
}

bool is_short(const Secret& webhook_secret) {
  return !webhook_secret.empty() && webhook_secret.size() < webhook_secret_size_min;
}

/// Beyond this machine.
bool speaks_in_the_clear(std::string_view url) {
  if (!url.starts_with("http://")) return false;
  const std::string_view host = url.substr(7);
  return !host.starts_with("127.") && !host.starts_with("localhost") && !host.starts_with("[::1]");
}

std::vector<Problem> refused_in_production(const Loaded& loaded) {
  auto found = weak_secrets(loaded);
  if (loaded.config.gateway.url.empty() && !loaded.config.payment.simulator_in_production) {
    found.push_back(problem(loaded, "payment.simulator_in_production",
                            "without gateway.url the payment simulator charges, so nobody would pay; set it to true if that is wanted"));
  }
  if (!loaded.config.gateway.url.empty() && loaded.config.gateway.secret.empty()) {
    found.push_back(problem(loaded, "gateway.secret", "is not set, so the gateway would charge for whoever reaches it; set it"));
  }
  if (is_short(loaded.config.gateway.webhook_secret)) {
    found.push_back(problem(loaded, "gateway.webhook_secret", "is shorter than 16 characters; make one: openssl rand -hex 32"));
  }
  if (loaded.config.http.open_test_routes) {
    found.push_back(problem(loaded, "http.open_test_routes", "test routes may not be open in production; set it to false"));
  }
  return found;
}

}  // namespace

std::vector<Problem> refusals(const Loaded& loaded) {
  auto found = half_given(loaded);
  if (loaded.config.server.mode == Mode::production) std::ranges::move(refused_in_production(loaded), std::back_inserter(found));
  return found;
}

std::vector<std::string> cautions(const Loaded& loaded) {
  std::vector<std::string> found = loaded.warnings;
  if (speaks_in_the_clear(loaded.config.gateway.url))
    found.push_back(to_string(problem(loaded, "gateway.url", "is no https: its secret crosses the network in the clear")));
  if (!loaded.config.database.host.empty() && loaded.config.gateway.url.empty())
    found.push_back(to_string(problem(loaded, "gateway.url", "is not set, so each node charges at a simulator of its own: one node only; "
                                                             "'edda paysim' is one that nodes share")));
  if (loaded.config.server.mode == Mode::production) return found;
  for (const auto& weak : weak_secrets(loaded)) found.push_back(to_string(weak));
  return found;
}

}  // namespace edda::config

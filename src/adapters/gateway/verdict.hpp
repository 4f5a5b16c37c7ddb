#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "gateway/settings.hpp"
#include "ports/payment_gateway.hpp"

/// What the simulated gateway decides before it looks into its book: pure functions, so that a repeated run gives the same answers (R21).
namespace edda::gateway {

/// The reason of every declined charge, as the replaced system names it.
inline constexpr std::string_view declined_reason = "Insufficient funds or card declined";
/// A product whose id begins so is never paid for.
inline constexpr std::string_view failing_product_prefix = "PAYMENT_FAIL";

/// The id of whatever takes effect under `key`: shaped like a UUIDv4 (RFC 9562 section 5.4), its bits a digest of the key.
Uuid effect_id(std::string_view key);

/// "ext_tx_" and the id.
std::string reference_of(const Uuid& effect);
/// nullopt if it is no reference of this gateway.
std::optional<Uuid> parse_reference(std::string_view reference);

/// nullopt: the charge goes through; else why it does not.
std::optional<std::string_view> decline_charge(const ChargeRequest& request, double success_rate);

/// Evenly spread over [0, 1): the same for the same inputs, and unlike for others.
double drawn(std::string_view purpose, std::string_view key, int count, std::uint64_t seed);

enum class Fault { none, failed, unknown };
/// What befalls a send whose key met `faults_before` faults already.
Fault fault_of(std::string_view key, int faults_before, const SimulatorSettings& settings);

/// How long the answer to such a send takes, and after which part of it the effect happens.
struct Latency {
  std::chrono::microseconds before_effect{0};
  std::chrono::microseconds after_effect{0};
};
Latency latency_of(std::string_view key, int faults_before, const SimulatorSettings& settings);

}  // namespace edda::gateway

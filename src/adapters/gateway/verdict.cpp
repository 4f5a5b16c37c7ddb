#include "gateway/verdict.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

namespace edda::gateway {
namespace {

constexpr std::string_view reference_prefix = "ext_tx_";

/// Evenly spread over [0, 1).
double spread(const Digest128& digest, std::size_t offset) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 7; ++i) bits = (bits << 8) | digest[offset + i];
  return static_cast<double>(bits >> 3) * 0x1.0p-53;
}

Digest128 draw(std::string_view purpose, std::string_view key, int faults_before, std::uint64_t seed) {
  const fmt::format_int seed_text(seed);
  const fmt::format_int count_text(faults_before);
  const std::array<std::string_view, 4> parts{purpose, key, std::string_view(seed_text.data(), seed_text.size()),
                                              std::string_view(count_text.data(), count_text.size())};
  return digest128(parts);
}

}  // namespace

Uuid effect_id(std::string_view key) {
  const std::array<std::string_view, 2> parts{"edda payment simulator", key};
  Uuid id{digest128(parts)};
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x40);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
  return id;
}

std::string reference_of(const Uuid& effect) { return std::string(reference_prefix) + to_string(effect); }

std::optional<Uuid> parse_reference(std::string_view reference) {
  if (!reference.starts_with(reference_prefix)) return std::nullopt;
  return parse_uuid(reference.substr(reference_prefix.size()));
}

std::optional<std::string_view> decline_charge(const ChargeRequest& request, double success_rate) {
  if (request.amount.minor < 0 || request.amount.minor > money_minor_max) return "The amount is out of range";
  const bool failing = std::ranges::any_of(
      request.product_ids, [](const std::string& product) { return product.starts_with(failing_product_prefix); });
  if (failing) return declined_reason;
  if (success_rate >= 1) return std::nullopt;
  const fmt::format_int minor(request.amount.minor);
  std::vector<std::string_view> parts{"verdict", request.key, {minor.data(), minor.size()},
                                      request.amount.currency.view()};
  parts.insert(parts.end(), request.product_ids.begin(), request.product_ids.end());
  if (spread(digest128(parts), 0) < success_rate) return std::nullopt;
  return declined_reason;
}

double drawn(std::string_view purpose, std::string_view key, int count, std::uint64_t seed) {
  return spread(draw(purpose, key, count, seed), 0);
}

Fault fault_of(std::string_view key, int faults_before, const SimulatorSettings& settings) {
  if (settings.failed_rate <= 0 && settings.unknown_rate <= 0) return Fault::none;
  const double share = drawn("fault", key, faults_before, settings.seed);
  if (share < settings.failed_rate) return Fault::failed;
  if (share < settings.failed_rate + settings.unknown_rate) return Fault::unknown;
  return Fault::none;
}

Latency latency_of(std::string_view key, int faults_before, const SimulatorSettings& settings) {
  using std::chrono::microseconds;
  if (settings.latency_max.count() <= 0) return {};
  const Digest128 digest = draw("latency", key, faults_before, settings.seed);
  const auto shortest = static_cast<double>(microseconds(std::min(settings.latency_min, settings.latency_max)).count());
  const auto longest = static_cast<double>(microseconds(settings.latency_max).count());
  const double whole = shortest + spread(digest, 0) * (longest - shortest);
  const microseconds before(static_cast<std::int64_t>(whole * spread(digest, 8)));
  return {before, microseconds(static_cast<std::int64_t>(whole)) - before};
}

}  // namespace edda::gateway

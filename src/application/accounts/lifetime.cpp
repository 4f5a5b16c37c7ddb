#include "accounts/lifetime.hpp"

#include <charconv>
#include <cstdint>

namespace edda::accounts {
namespace {

std::optional<std::int64_t> seconds_in(std::string_view unit) {
  if (unit.empty() || unit == "s") return 1;
  if (unit == "m") return 60;
  if (unit == "h") return 3600;
  if (unit == "d") return 86'400;
  if (unit == "w") return 604'800;
  return std::nullopt;
}

constexpr std::int64_t ten_years = 10 * 365 * std::int64_t{86'400};

}  // namespace

std::optional<std::chrono::seconds> parse_lifetime(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count <= 0) return std::nullopt;
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (!unit.empty() && unit.front() == ' ') {
    unit.remove_prefix(1);
    if (unit.empty()) return std::nullopt;
  }
  const auto factor = seconds_in(unit);
  if (!factor || count > ten_years / *factor) return std::nullopt;
  return std::chrono::seconds(count * *factor);
}

}  // namespace edda::accounts

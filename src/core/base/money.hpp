#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace edda {

/// An ISO 4217 code, three upper-case letters. Default: "USD".
struct Currency {
  std::array<char, 3> code{'U', 'S', 'D'};

  bool operator==(const Currency&) const = default;
  std::string_view view() const { return {code.data(), code.size()}; }
  /// Digits after the point: 2 but for the currencies of ISO 4217 that have 0 or 3.
  int decimals() const;
};

/// nullopt unless three upper-case letters.
std::optional<Currency> parse_currency(std::string_view code);

/// An amount in the currency's minor unit (cents; for KRW whole won). Arithmetic is checked: nothing wraps.
struct Money {
  std::int64_t minor = 0;
  Currency currency{};

  bool operator==(const Money&) const = default;
};

/// The largest amount any order, payment or refund may have: 10^15 minor units, far from where doubles lose cents.
inline constexpr std::int64_t money_minor_max = 1'000'000'000'000'000;

/// Errors: invalid_argument when the sum or product leaves [-money_minor_max, money_minor_max] or the currencies differ.
Result<Money> add(Money a, Money b);
Result<Money> multiply(Money price, std::int64_t quantity);

/// A plain decimal or a JSON number ("12", "12.5", "1e2") in major units, exactly: "19.99" USD is 1999.
/// Errors: invalid_argument if it is no number, out of range, or has more decimals than the currency ("1.005" USD, "0.5" KRW).
Result<Money> parse_major(std::string_view number, Currency currency);

/// Major units as the shortest exact decimal: 1999 USD is "19.99", 1000 is "10", 50 is "0.5".
std::string to_major(Money amount);
/// Major units with all of the currency's decimals: 1000 USD is "10.00".
std::string to_major_fixed(Money amount);

}  // namespace edda

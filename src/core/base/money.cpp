#include "base/money.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace edda {
namespace {

constexpr std::string_view without_decimals[] = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
                                                 "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"};
constexpr std::string_view with_three_decimals[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};

Result<Money> in_range(std::int64_t minor, Currency currency) {
  if (minor > money_minor_max || minor < -money_minor_max)
    return fail(Errc::invalid_argument, "the amount is larger than this system handles");
  return Money{minor, currency};
}

/// A JSON number taken apart: digits without point, and how many of them stand behind it.
struct Decimal {
  bool negative = false;
  std::string digits;
  int scale = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<Decimal> parse_decimal(std::string_view text) {
  Decimal result;
  std::size_t i = 0;
  if (i < text.size() && text[i] == '-') {
    result.negative = true;
    ++i;
  }
  const std::size_t first = i;
  while (i < text.size() && is_digit(text[i])) result.digits += text[i++];
  if (i == first) return std::nullopt;
  if (i < text.size() && text[i] == '.') {
    const std::size_t point = i++;
    while (i < text.size() && is_digit(text[i])) result.digits += text[i++];
    if (i == point + 1) return std::nullopt;
    result.scale = static_cast<int>(i - point - 1);
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    const bool minus = i < text.size() && text[i] == '-';
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    int exponent = 0;
    const std::size_t start = i;
    while (i < text.size() && is_digit(text[i]) && exponent < 1000) exponent = exponent * 10 + (text[i++] - '0');
    if (i == start) return std::nullopt;
    result.scale -= minus ? -exponent : exponent;
  }
  return i == text.size() ? std::optional(result) : std::nullopt;
}

}  // namespace

int Currency::decimals() const {
  if (std::ranges::find(without_decimals, view()) != std::end(without_decimals)) return 0;
  if (std::ranges::find(with_three_decimals, view()) != std::end(with_three_decimals)) return 3;
  return 2;
}

std::optional<Currency> parse_currency(std::string_view code) {
  if (code.size() != 3 || !std::ranges::all_of(code, [](char c) { return c >= 'A' && c <= 'Z'; })) return std::nullopt;
  return Currency{{code[0], code[1], code[2]}};
}

Result<Money> add(Money a, Money b) {
  if (a.currency != b.currency) return fail(Errc::invalid_argument, "amounts of different currencies cannot be added");
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a.minor, b.minor, &sum))
    return fail(Errc::invalid_argument, "the amount is larger than this system handles");
  return in_range(sum, a.currency);
}

Result<Money> multiply(Money price, std::int64_t quantity) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(price.minor, quantity, &product))
    return fail(Errc::invalid_argument, "the amount is larger than this system handles");
  return in_range(product, price.currency);
}

Result<Money> parse_major(std::string_view number, Currency currency) {
  auto decimal = parse_decimal(number);
  if (!decimal) return fail(Errc::invalid_argument, "an amount must be a plain decimal number");
  auto& [negative, digits, scale] = *decimal;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return Money{0, currency};
  while (scale > 0 && digits.back() == '0') {
    digits.pop_back();
    --scale;
  }
  const int decimals = currency.decimals();
  if (scale > decimals)
    return fail(Errc::invalid_argument,
                fmt::format("{} has {} decimals; the amount has more", currency.view(), decimals));
  const int zeros = decimals - scale;
  if (static_cast<int>(digits.size()) + zeros > 17)
    return fail(Errc::invalid_argument, "the amount is larger than this system handles");
  std::int64_t minor = 0;
  for (const char c : digits) minor = minor * 10 + (c - '0');
  for (int i = 0; i < zeros; ++i) minor *= 10;
  return in_range(negative ? -minor : minor, currency);
}

std::string to_major_fixed(Money amount) {
  const int decimals = amount.currency.decimals();
  if (decimals == 0) return fmt::format("{}", amount.minor);
  std::int64_t unit = 1;
  for (int i = 0; i < decimals; ++i) unit *= 10;
  const std::int64_t absolute = amount.minor < 0 ? -amount.minor : amount.minor;
  return fmt::format("{}{}.{:0{}}", amount.minor < 0 ? "-" : "", absolute / unit, absolute % unit, decimals);
}

std::string to_major(Money amount) {
  std::string text = to_major_fixed(amount);
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace edda

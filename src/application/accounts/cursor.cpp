#include "accounts/cursor.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/digest.hpp"

namespace edda::accounts {
namespace {

constexpr std::string_view uuid_dashes = "-";
constexpr std::size_t uuid_digits = 32;

}  // namespace

std::string user_cursor(UserId last) { return "u" + to_hex(last.value.bytes); }

std::optional<UserId> parse_user_cursor(std::string_view cursor) {
  if (cursor.size() != 1 + uuid_digits || cursor.front() != 'u') return std::nullopt;
  std::string text(cursor.substr(1));
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, uuid_dashes);
  return parse_id<UserId>(text);
}

std::string audit_cursor(std::int64_t last_sequence) { return fmt::format("a{:x}", last_sequence); }

std::optional<std::int64_t> parse_audit_cursor(std::string_view cursor) {
  if (cursor.size() < 2 || cursor.front() != 'a') return std::nullopt;
  std::int64_t sequence = 0;
  const char* last = cursor.data() + cursor.size();
  const auto [end, error] = std::from_chars(cursor.data() + 1, last, sequence, 16);
  if (error != std::errc{} || end != last || sequence <= 0) return std::nullopt;
  return sequence;
}

}  // namespace edda::accounts

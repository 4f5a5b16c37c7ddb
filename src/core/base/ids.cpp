#include "base/ids.hpp"

namespace edda {
namespace {

constexpr std::size_t uuid_text_bytes = 36;
constexpr char hex_digits[] = "0123456789abcdef";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool dash_before(std::size_t byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

}  // namespace

void append_hex(std::string& out, std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t byte : bytes) {
    out += hex_digits[byte >> 4];
    out += hex_digits[byte & 15];
  }
}

void append_text(std::string& out, const Uuid& id) {
  const std::size_t before = out.size();
  out.resize(before + uuid_text_bytes);
  char* to = out.data() + before;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    if (dash_before(i)) *to++ = '-';
    *to++ = hex_digits[id.bytes[i] >> 4];
    *to++ = hex_digits[id.bytes[i] & 15];
  }
}

std::string to_string(const Uuid& id) {
  std::string text;
  append_text(text, id);
  return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != uuid_text_bytes) return std::nullopt;
  Uuid id;
  std::size_t at = 0;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    if (dash_before(i) && text[at++] != '-') return std::nullopt;
    const int high = hex_value(text[at]);
    const int low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
    at += 2;
  }
  return id;
}

Uuid make_uuid_v7(Timestamp at, const std::array<std::uint8_t, 8>& random, std::uint16_t low16) {
  const auto millis = static_cast<std::uint64_t>(std::chrono::floor<milliseconds>(at).time_since_epoch().count());
  Uuid id;
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
  for (std::size_t i = 6; i < 14; ++i) id.bytes[i] = random[i - 6];
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x70);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
  id.bytes[14] = static_cast<std::uint8_t>(low16 >> 8);
  id.bytes[15] = static_cast<std::uint8_t>(low16 & 0xFF);
  return id;
}

}  // namespace edda

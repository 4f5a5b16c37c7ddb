#include "base/json_writer.hpp"

#include <cstring>

namespace edda {
namespace {

constexpr std::uint64_t ones = 0x0101010101010101ULL;
constexpr std::uint64_t highs = 0x8080808080808080ULL;

bool is_plain(unsigned char c) { return c >= 0x20 && c != '"' && c != '\\'; }

// Some byte of `word` is zero (Hacker's Delight, 6-1).
constexpr std::uint64_t zero_byte(std::uint64_t word) { return (word - ones) & ~word & highs; }

// How many bytes at the front need no escape. Eight at once, as nearly all text has none to escape.
std::size_t plain_prefix(std::string_view text) {
  std::size_t at = 0;
  for (; text.size() - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    const std::uint64_t control = (word - ones * 0x20) & ~word & highs;
    if ((control | zero_byte(word ^ (ones * '"')) | zero_byte(word ^ (ones * '\\'))) != 0) break;
  }
  while (at < text.size() && is_plain(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

void append_escaped(std::string& out, unsigned char c) {
  constexpr char digits[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      out += "\\u00";
      out += digits[c >> 4];
      out += digits[c & 15];
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (;;) {
    const std::size_t plain = plain_prefix(text);
    out += text.substr(0, plain);
    if (plain == text.size()) break;
    append_escaped(out, static_cast<unsigned char>(text[plain]));
    text.remove_prefix(plain + 1);
  }
  out += '"';
}

JsonWriter& JsonWriter::value(const Uuid& id) {
  comma();
  out_ += '"';
  append_text(out_, id);
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::value(Timestamp at) {
  comma();
  out_ += '"';
  append_rfc3339(out_, at);
  out_ += '"';
  return *this;
}

}  // namespace edda

#include "queries/cursor.hpp"

#include <algorithm>
#include <array>

#include "base/digest.hpp"

namespace edda::queries {
namespace {

constexpr char format_version = '\x01';
constexpr std::size_t check_bytes = 4;
constexpr std::size_t cursor_chars_max = 4096;
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string to_base64url(std::string_view bytes) {
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<std::uint8_t>(c);
    for (held += 8; held >= 6; held -= 6) out += alphabet[(bits >> (held - 6)) & 63];
  }
  if (held > 0) out += alphabet[(bits << (6 - held)) & 63];
  return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const auto digit = alphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>((bits >> held) & 255);
    }
  }
  // One text for one cursor: nothing may hide in the bits that are left over.
  const bool tidy = held < 6 && (bits & ((1U << held) - 1U)) == 0;
  return tidy ? std::optional(std::move(out)) : std::nullopt;
}

std::string_view view_of(const Uuid& id) { return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()}; }

std::string check_of(const CursorScope& scope, std::string_view head) {
  const std::array<std::string_view, 4> parts{"cursor", view_of(scope.generation), view_of(scope.thing), head};
  const Digest128 digest = digest128(parts);
  return {digest.begin(), digest.begin() + check_bytes};
}

std::string seal(const CursorScope& scope, std::string_view place) {
  std::string head{format_version, scope.kind};
  head += place;
  return to_base64url(head + check_of(scope, head));
}

std::unexpected<Error> foreign() {
  return fail(Errc::invalid_argument, "is no cursor that this list gave: take next_cursor of the page before", "cursor",
              "invalid_cursor");
}

Result<std::string> unseal(const CursorScope& scope, std::string_view text) {
  if (text.size() > cursor_chars_max) return foreign();
  const auto bytes = from_base64url(text);
  if (!bytes || bytes->size() < 2 + check_bytes) return foreign();
  const auto head = std::string_view(*bytes).substr(0, bytes->size() - check_bytes);
  if (head[0] != format_version || head[1] != scope.kind || bytes->substr(head.size()) != check_of(scope, head)) {
    return foreign();
  }
  return std::string(head.substr(2));
}

void put_number(std::string& out, std::int64_t number) {
  for (auto rest = static_cast<std::uint64_t>(number);; rest >>= 7) {
    if (rest < 128) {
      out += static_cast<char>(rest);
      return;
    }
    out += static_cast<char>((rest & 127) | 128);
  }
}

std::optional<std::int64_t> take_number(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 63; shift += 7) {
    if (bytes.empty()) return std::nullopt;
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    number |= static_cast<std::uint64_t>(byte & 127) << shift;
    if (byte < 128) return static_cast<std::int64_t>(number);
  }
  return std::nullopt;
}

}  // namespace

std::string list_cursor(const CursorScope& scope, const ListCursor& place) {
  std::string bytes(view_of(place.id));
  put_number(bytes, to_micros(place.created_at));
  return seal(scope, bytes);
}

Result<ListCursor> parse_list_cursor(const CursorScope& scope, std::string_view text) {
  TRY(const auto bytes, unseal(scope, text));
  ListCursor place;
  if (bytes.size() < place.id.bytes.size()) return foreign();
  std::copy_n(bytes.begin(), place.id.bytes.size(), place.id.bytes.begin());
  auto rest = std::string_view(bytes).substr(place.id.bytes.size());
  const auto micros = take_number(rest);
  if (!micros || !rest.empty()) return foreign();
  place.created_at = from_micros(*micros);
  return place;
}

std::string number_cursor(const CursorScope& scope, std::int64_t number) {
  std::string bytes;
  put_number(bytes, number);
  return seal(scope, bytes);
}

Result<std::int64_t> parse_number_cursor(const CursorScope& scope, std::string_view text) {
  TRY(const auto bytes, unseal(scope, text));
  std::string_view rest = bytes;
  const auto number = take_number(rest);
  if (!number || !rest.empty()) return foreign();
  return *number;
}

std::string positions_cursor(const CursorScope& scope, const Positions& positions) {
  std::string bytes;
  for (const Position position : positions) put_number(bytes, position.value);
  return seal(scope, bytes);
}

Result<Positions> parse_positions_cursor(const CursorScope& scope, std::size_t shards, std::string_view text) {
  TRY(const auto bytes, unseal(scope, text));
  std::string_view rest = bytes;
  Positions positions;
  while (!rest.empty()) {
    const auto number = take_number(rest);
    if (!number || positions.size() == shards) return foreign();
    positions.push_back(Position{*number});
  }
  if (positions.size() != shards) return foreign();
  return positions;
}

}  // namespace edda::queries

#include "accounts/text.hpp"

#include <array>
#include <cstdint>

namespace edda::accounts {
namespace {

struct Lead {
  std::size_t length;
  char32_t bits;
};

std::optional<Lead> lead_of(unsigned char byte) {
  if (byte < 0x80) return Lead{1, byte};
  if (byte >= 0xC2 && byte <= 0xDF) return Lead{2, byte & 0x1FU};
  if (byte >= 0xE0 && byte <= 0xEF) return Lead{3, byte & 0x0FU};
  if (byte >= 0xF0 && byte <= 0xF4) return Lead{4, byte & 0x07U};
  return std::nullopt;
}

bool is_scalar_of_length(char32_t point, std::size_t length) {
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return point >= smallest[length] && point <= 0x10FFFF && !surrogate;
}

}  // namespace

std::optional<std::u32string> code_points(std::string_view utf8) {
  std::u32string points;
  points.reserve(utf8.size());
  while (!utf8.empty()) {
    const auto lead = lead_of(static_cast<unsigned char>(utf8.front()));
    if (!lead || utf8.size() < lead->length) return std::nullopt;
    char32_t point = lead->bits;
    for (std::size_t i = 1; i < lead->length; ++i) {
      const auto byte = static_cast<unsigned char>(utf8[i]);
      if ((byte & 0xC0U) != 0x80U) return std::nullopt;
      point = (point << 6) | (byte & 0x3FU);
    }
    if (!is_scalar_of_length(point, lead->length)) return std::nullopt;
    points.push_back(point);
    utf8.remove_prefix(lead->length);
  }
  return points;
}

}  // namespace edda::accounts

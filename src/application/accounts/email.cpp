#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "accounts/registration.hpp"
#include "accounts/text.hpp"

// validator.js isEmail in UTF-8: its character classes are ranges of UTF-16 units, here of code points.
namespace edda::accounts {
namespace {

constexpr std::size_t local_bytes_max = 64;
constexpr std::size_t domain_bytes_max = 254;
constexpr std::size_t label_length_max = 63;

bool is_letter_or_digit(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_international(char32_t c) {
  return (c >= 0xA1 && c <= 0xD7FF) || (c >= 0xF900 && c <= 0xFDCF) || (c >= 0xFDF0 && c <= 0xFFEF);
}

bool is_local_character(char32_t c) {
  return is_letter_or_digit(c) || is_international(c) ||
         (c < 0x80 && std::string_view("!#$%&'*+-/=?^_`{|}~").contains(static_cast<char>(c)));
}

bool is_label_character(char32_t c) {
  const bool full_width = c >= 0xFF01 && c <= 0xFF5E;
  return is_letter_or_digit(c) || c == '-' || (c >= 0xA1 && !full_width);
}

bool is_label(std::u32string_view label) {
  return !label.empty() && label.size() <= label_length_max && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, is_label_character);
}

bool is_top_level_domain(std::u32string_view label) {
  if (label.starts_with(U"xn") && label.size() >= 4) {
    return std::ranges::all_of(label, [](char32_t c) { return is_letter_or_digit(c) || c == '-'; });
  }
  return label.size() >= 2 && std::ranges::all_of(label, [](char32_t c) {
           const bool digit = c >= '0' && c <= '9';
           return (is_letter_or_digit(c) && !digit) || (is_international(c) && c != 0xA9);
         });
}

std::vector<std::u32string_view> split_at_dots(std::u32string_view text) {
  std::vector<std::u32string_view> parts;
  while (true) {
    const std::size_t dot = text.find(U'.');
    parts.push_back(text.substr(0, dot));
    if (dot == std::u32string_view::npos) return parts;
    text.remove_prefix(dot + 1);
  }
}

bool is_domain(std::u32string_view domain) {
  const auto labels = split_at_dots(domain);
  return labels.size() >= 2 && is_top_level_domain(labels.back()) && std::ranges::all_of(labels, is_label);
}

}  // namespace

bool is_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return false;
  if (at > local_bytes_max || text.size() - at - 1 > domain_bytes_max) return false;
  const auto local = code_points(text.substr(0, at));
  const auto domain = code_points(text.substr(at + 1));
  if (!local || !domain) return false;
  const bool local_is_good = std::ranges::all_of(split_at_dots(*local), [](std::u32string_view part) {
    return !part.empty() && std::ranges::all_of(part, is_local_character);
  });
  return local_is_good && is_domain(*domain);
}

}  // namespace edda::accounts

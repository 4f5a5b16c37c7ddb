#include "http/fields.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace edda::http {

namespace {
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

void Fields::add(std::string_view name, std::string_view value) {
  entries_.push_back({.name_begin = static_cast<std::uint32_t>(text_.size()),
                      .name_size = static_cast<std::uint32_t>(name.size()),
                      .value_size = static_cast<std::uint32_t>(value.size())});
  text_.append(name).append(value);
}

void Fields::clear() {
  text_.clear();
  entries_.clear();
}

std::string_view Fields::name_of(const Entry& entry) const {
  return std::string_view(text_).substr(entry.name_begin, entry.name_size);
}

std::string_view Fields::value_of(const Entry& entry) const {
  return std::string_view(text_).substr(std::size_t{entry.name_begin} + entry.name_size, entry.value_size);
}

std::pair<std::string_view, std::string_view> Fields::at(std::size_t index) const {
  EDDA_ASSERT(index < entries_.size());
  return {name_of(entries_[index]), value_of(entries_[index])};
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (name_of(entry) == name) return value_of(entry);
  }
  return std::nullopt;
}

std::optional<std::string_view> Fields::find_ignoring_case(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (equal_ignoring_case(name_of(entry), name)) return value_of(entry);
  }
  return std::nullopt;
}

std::vector<std::string_view> Fields::find_all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Entry& entry : entries_) {
    if (name_of(entry) == name) values.push_back(value_of(entry));
  }
  return values;
}

}  // namespace edda::http

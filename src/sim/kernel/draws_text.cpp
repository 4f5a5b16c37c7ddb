#include "kernel/draws_text.hpp"

#include <fmt/format.h>

#include <charconv>

namespace edda::sim {
namespace {

std::optional<std::uint32_t> number(std::string_view& text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string to_text(const DrawList& draws) {
  std::string text;
  for (const auto& stream : draws) {
    if (&stream != &draws.front()) text += '/';
    std::size_t size = stream.size();
    while (size > 0 && stream[size - 1] == 0) --size;
    for (std::size_t i = 0; i < size;) {
      std::size_t next = i + 1;
      while (next < size && stream[next] == stream[i]) ++next;
      if (i > 0) text += ',';
      text += next - i > 1 ? fmt::format("{}*{}", stream[i], next - i) : fmt::to_string(stream[i]);
      i = next;
    }
  }
  return text;
}

std::optional<DrawList> parse_draws(std::string_view text) {
  constexpr std::uint32_t count_max = 10'000'000;
  DrawList draws;
  for (std::size_t stream = 0; stream < stream_count; ++stream) {
    if (stream > 0 && !take(text, '/')) return std::nullopt;
    while (!text.empty() && text.front() != '/') {
      if (!draws[stream].empty() && !take(text, ',')) return std::nullopt;
      const auto value = number(text);
      const auto count = !value ? std::nullopt : take(text, '*') ? number(text) : std::optional<std::uint32_t>(1);
      if (!count || *count > count_max) return std::nullopt;
      draws[stream].insert(draws[stream].end(), *count, *value);
    }
  }
  return text.empty() ? std::optional(std::move(draws)) : std::nullopt;
}

}  // namespace edda::sim

#pragma once

#include <algorithm>
#include <cctype>

#include "config/setting.hpp"

/// For the files that the table of settings is written in; nobody else includes it.
namespace edda::config {

// Groups of settings that stand in files of their own.
std::vector<Setting> cluster_settings();
std::vector<Setting> store_settings();
std::vector<Setting> tracing_settings();

// The place of a member, as a plain function pointer.
#define EDDA_AT(member) (+[](Config& c) -> auto& { return c.member; })

inline constexpr double minute_ms = 60'000;
inline constexpr double day_ms = 24 * 60 * minute_ms;
inline constexpr double mebi = 1024 * 1024;

inline bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
}
inline bool is_name_or_unset(std::string_view text) { return text.empty() || is_name(text); }
inline bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '.' || c == ':';
  });
}
inline bool is_host_or_unset(std::string_view text) { return text.empty() || is_host(text); }
inline bool is_url_or_unset(std::string_view text) {
  if (text.empty()) return true;
  const auto host = text.starts_with("http://") ? 7U : text.starts_with("https://") ? 8U : 0U;
  return host != 0 && text.size() > host && text.size() <= 2000 && std::ranges::all_of(text, [](unsigned char c) {
    return c > ' ' && c < 0x7F && c != '"' && c != '?' && c != '#' && c != '@';
  });
}
inline bool is_text(std::string_view text) { return !text.empty(); }

}  // namespace edda::config

#include "config/setting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace edda::config {
namespace {

template <class T>
struct Word {
  std::string_view text;
  T value;
};
// The first word of a value is the one that is shown; the others are what the replaced system and its tools write.
constexpr std::array mode_words{Word{"development", Mode::development}, Word{"production", Mode::production},
                                Word{"demo", Mode::demo}, Word{"test", Mode::development}};
constexpr std::array level_words{Word{"debug", LogLevel::debug}, Word{"info", LogLevel::info},
                                 Word{"warn", LogLevel::warn},   Word{"error", LogLevel::error},
                                 Word{"verbose", LogLevel::debug}, Word{"trace", LogLevel::debug},
                                 Word{"log", LogLevel::info},    Word{"warning", LogLevel::warn},
                                 Word{"fatal", LogLevel::error}};
constexpr std::array rule_words{Word{"product", DuplicateRule::product}, Word{"key", DuplicateRule::key}};
constexpr std::array bool_words{Word{"true", true}, Word{"false", false}, Word{"1", true}, Word{"0", false},
                                Word{"yes", true},  Word{"no", false},    Word{"on", true}, Word{"off", false}};

constexpr const auto& words_of(Mode) { return mode_words; }
constexpr const auto& words_of(LogLevel) { return level_words; }
constexpr const auto& words_of(DuplicateRule) { return rule_words; }
constexpr const auto& words_of(bool) { return bool_words; }

template <class T>
concept Worded = std::is_enum_v<T> || std::is_same_v<T, bool>;
template <class T>
concept Whole = std::is_same_v<T, std::uint16_t> || std::is_same_v<T, std::size_t>;

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool in_bounds(const Setting& setting, double value) {
  return std::isfinite(value) && value >= setting.least && value <= setting.most;
}

bool counts_milliseconds(const Setting& setting) { return setting.key.find("_ms") != std::string_view::npos; }

struct Unit {
  std::string_view name;
  double milliseconds;
};
constexpr std::array units{Unit{"ms", 1}, Unit{"s", 1e3}, Unit{"m", 6e4}, Unit{"h", 3.6e6}, Unit{"d", 8.64e7}};

// "24h", "1.5s"; a plain number only where the key says milliseconds.
std::optional<double> parse_duration(const Setting& setting, std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto number = parse_number<double>(text.substr(0, digits));
  if (!number) return std::nullopt;
  auto unit = text.substr(digits);
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  if (unit.empty() && counts_milliseconds(setting)) return *number;
  const auto found = std::ranges::find(units, unit, &Unit::name);
  return found == units.end() ? std::nullopt : std::optional(*number * found->milliseconds);
}

std::string show_duration(const Setting& setting, std::chrono::milliseconds value) {
  const auto count = value.count();
  if (counts_milliseconds(setting)) return std::to_string(count);
  if (count % 86'400'000 == 0 && count > 86'400'000) return fmt::format("{}d", count / 86'400'000);
  if (count % 3'600'000 == 0) return fmt::format("{}h", count / 3'600'000);
  if (count % 60'000 == 0) return fmt::format("{}m", count / 60'000);
  return count % 1000 == 0 ? fmt::format("{}s", count / 1000) : fmt::format("{}ms", count);
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    auto part = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const auto first = part.find_first_not_of(' ');
    if (first == std::string_view::npos) continue;
    parts.emplace_back(part.substr(first, part.find_last_not_of(' ') - first + 1));
  }
  return parts;
}

bool put(const Setting&, std::string_view text, Worded auto& value) {
  const auto& words = words_of(value);
  const auto found = std::ranges::find_if(words, [&](const auto& word) { return same_word(word.text, text); });
  if (found == words.end()) return false;
  value = found->value;
  return true;
}
template <Whole T>
bool put(const Setting& setting, std::string_view text, T& value) {
  const auto number = parse_number<T>(text);
  if (!number || !in_bounds(setting, static_cast<double>(*number))) return false;
  value = *number;
  return true;
}
bool put(const Setting& setting, std::string_view text, double& value) {
  const auto number = parse_number<double>(text);
  if (!number || !in_bounds(setting, *number)) return false;
  value = *number;
  return true;
}
bool put(const Setting& setting, std::string_view text, std::chrono::milliseconds& value) {
  const auto number = parse_duration(setting, text);
  if (!number || !in_bounds(setting, *number)) return false;
  value = std::chrono::milliseconds(static_cast<std::int64_t>(*number));
  return true;
}
bool put(const Setting& setting, std::string_view text, std::string& value) {
  if (setting.fits != nullptr && !setting.fits(text)) return false;
  value = text;
  return true;
}
bool put(const Setting& setting, std::string_view text, Secret& value) {
  if (setting.fits != nullptr && !setting.fits(text)) return false;
  value = Secret(std::string(text));
  return true;
}
bool put(const Setting&, std::string_view text, std::vector<std::string>& value) {
  value = split(text);
  return true;
}

std::string text_of(const Setting&, Worded auto value) {
  const auto& words = words_of(value);
  return std::string(std::ranges::find_if(words, [&](const auto& word) { return word.value == value; })->text);
}
template <Whole T>
std::string text_of(const Setting&, T value) {
  return std::to_string(value);
}
std::string text_of(const Setting&, double value) { return fmt::format("{}", value); }
std::string text_of(const Setting&, const std::string& value) { return value; }
std::string text_of(const Setting&, const Secret& value) { return value.empty() ? "(not set)" : "(set)"; }
std::string text_of(const Setting& setting, std::chrono::milliseconds value) { return show_duration(setting, value); }
std::string text_of(const Setting&, const std::vector<std::string>& value) { return fmt::format("{}", fmt::join(value, ",")); }

template <class T>
std::string words_allowed(const T& words) {
  std::string text = "one of ";
  std::vector<decltype(words[0].value)> seen;
  for (const auto& word : words) {
    if (std::ranges::find(seen, word.value) != seen.end()) continue;
    text += fmt::format("{}{}", seen.empty() ? "" : ", ", word.text);
    seen.push_back(word.value);
  }
  return text;
}

}  // namespace

std::string_view Setting::fallback_in(Mode mode) const {
  if (mode == Mode::production && !in_production.empty()) return in_production;
  if (mode == Mode::demo && !in_demo.empty()) return in_demo;
  return fallback;
}

std::string Setting::env_name() const {
  std::string name = "EDDA_";
  for (const char c : key) name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::vector<std::string> Setting::env_names() const {
  std::vector<std::string> names{env_name()};
  names.insert(names.end(), aliases.begin(), aliases.end());
  return names;
}

Result<void> assign(const Setting& setting, std::string_view text, Config& config) {
  const bool done = std::visit([&](auto place) { return put(setting, text, place(config)); }, setting.place);
  if (done) return {};
  const std::string given = setting.is_secret() ? "its value" : fmt::format("\"{}\"", text);
  return fail(Errc::invalid_argument, fmt::format("{} is not allowed; it must be {}", given, allowed_values(setting)),
              std::string(setting.key));
}

std::string show(const Setting& setting, const Config& config) {
  // Places give access for writing; nothing is written here.
  auto& readable = const_cast<Config&>(config);
  return std::visit([&](auto place) { return text_of(setting, std::as_const(place(readable))); }, setting.place);
}

std::string allowed_values(const Setting& setting) {
  const auto bounds = [&](std::string_view kind) {
    return fmt::format("{} from {:.15g} to {:.15g}", kind, setting.least, setting.most);
  };
  if (!setting.allowed.empty()) return std::string(setting.allowed);
  if (std::holds_alternative<At<double>>(setting.place)) return bounds("a number");
  if (std::holds_alternative<At<std::uint16_t>>(setting.place)) return bounds("a whole number");
  if (std::holds_alternative<At<std::size_t>>(setting.place)) return bounds("a whole number");
  if (std::holds_alternative<At<bool>>(setting.place)) return "true or false";
  if (std::holds_alternative<At<Mode>>(setting.place)) return words_allowed(mode_words);
  if (std::holds_alternative<At<LogLevel>>(setting.place)) return words_allowed(level_words);
  if (std::holds_alternative<At<DuplicateRule>>(setting.place)) return words_allowed(rule_words);
  if (setting.is_list()) return "a list, or texts separated by commas";
  if (!std::holds_alternative<At<std::chrono::milliseconds>>(setting.place)) return "a text";
  const auto at = [&](double ms) { return show_duration(setting, std::chrono::milliseconds(static_cast<std::int64_t>(ms))); };
  if (counts_milliseconds(setting)) return bounds("milliseconds");
  return fmt::format("a number with its unit (ms, s, m, h, d) from {} to {}", at(setting.least), at(setting.most));
}

}  // namespace edda::config

#include "fault_proxy/faults.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/split.hpp>
#include <charconv>
#include <cmath>
#include <vector>

namespace edda::fault_proxy {
namespace {

constexpr std::uint64_t number_max = 1'000'000'000'000;
constexpr std::uint64_t pause_ms_max = 3'600'000;

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  boost::split(words, line, boost::is_any_of(" \t\r\n"), boost::token_compress_on);
  std::erase(words, "");
  return words;
}

Result<std::uint64_t> number_of(std::string_view word, std::uint64_t max = number_max) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || value > max)
    return fail(Errc::invalid_argument, fmt::format("'{}' is no number up to {}", word, max));
  return value;
}

Result<std::chrono::milliseconds> pause_of(std::string_view word) {
  TRY(const auto ms, number_of(word, pause_ms_max));
  return std::chrono::milliseconds(ms);
}

Result<Act> change(const std::vector<std::string_view>& words, Faults& faults) {
  if (words[0] == "delay" && words.size() == 2) {
    TRY(faults.delay, pause_of(words[1]));
    return Act::nothing;
  }
  if (words[0] == "cut-after" && words.size() == 3 && (words[1] == "up" || words[1] == "down")) {
    TRY(faults.cut_after[words[1] == "up" ? 0 : 1], number_of(words[2]));
    ++faults.budgets;
    return Act::nothing;
  }
  if (words[0] == "random" && words.size() == 3) {
    RandomFaults random;
    TRY(random.bytes_mean, number_of(words[1]));
    TRY(random.stall_max, pause_of(words[2]));
    faults.random = random;
    ++faults.budgets;
    return Act::nothing;
  }
  return fail(Errc::invalid_argument,
              "commands: pass, cut, stall, refuse, delay MS, cut-after up|down BYTES, random BYTES_MEAN STALL_MS_MAX, status");
}

/// SplitMix64's finaliser: every bit of the state decides about every bit of the result.
std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

/// From 0 up to, not including, 1.
double share(std::uint64_t draw) { return static_cast<double>(draw >> 11) * 0x1.0p-53; }

}  // namespace

Result<Act> apply(std::string_view line, Faults& faults) {
  const auto words = words_of(line);
  const std::string_view only = words.size() == 1 ? words[0] : std::string_view();
  if (only == "status") return Act::tell;
  if (only == "pass") {
    faults = {.era = faults.era + 1, .budgets = faults.budgets + 1};
    return Act::nothing;
  }
  Result<Act> act = Act::nothing;
  if (only == "cut") {
    act = Act::cut;
  } else if (only == "stall") {
    faults.stalled = true;
  } else if (only == "refuse") {
    faults.refusing = true;
  } else {
    act = change(words.empty() ? std::vector<std::string_view>{""} : words, faults);
  }
  if (act) ++faults.era;
  return act;
}

std::string to_string(const Faults& faults) {
  std::vector<std::string> words;
  if (faults.stalled) words.emplace_back("stall");
  if (faults.refusing) words.emplace_back("refuse");
  if (faults.delay.count() > 0) words.push_back(fmt::format("delay={}", faults.delay.count()));
  if (faults.cut_after[0]) words.push_back(fmt::format("cut-after-up={}", *faults.cut_after[0]));
  if (faults.cut_after[1]) words.push_back(fmt::format("cut-after-down={}", *faults.cut_after[1]));
  if (faults.random) words.push_back(fmt::format("random={}/{}", faults.random->bytes_mean, faults.random->stall_max.count()));
  return words.empty() ? "none" : fmt::format("{}", fmt::join(words, " "));
}

std::optional<Fate> draw_fate(const Faults& faults, std::uint64_t seed, std::uint64_t connection, Way way, std::uint64_t nth) {
  const auto direction = static_cast<std::size_t>(way);
  if (faults.cut_after[direction]) return Fate{.after = *faults.cut_after[direction]};
  if (!faults.random) return std::nullopt;
  const std::uint64_t draw = mix(mix(mix(seed) ^ (connection * 2 + direction)) ^ nth);
  const double bytes = -std::log1p(-share(draw)) * static_cast<double>(faults.random->bytes_mean);
  Fate fate{.after = static_cast<std::uint64_t>(bytes)};
  fate.cut = faults.random->stall_max.count() == 0 || mix(draw) % 2 == 0;
  if (!fate.cut)
    fate.stall = std::chrono::milliseconds(
        1 + static_cast<std::int64_t>(share(mix(draw ^ 1)) * static_cast<double>(faults.random->stall_max.count())));
  return fate;
}

}  // namespace edda::fault_proxy

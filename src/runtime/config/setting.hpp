#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "config/config.hpp"

namespace edda::config {

/// The place of one setting in a Config.
template <class T>
using At = T& (*)(Config&);
using Place = std::variant<At<bool>, At<std::uint16_t>, At<std::size_t>, At<double>, At<std::string>, At<Secret>,
                           At<std::chrono::milliseconds>, At<std::vector<std::string>>, At<Mode>, At<LogLevel>,
                           At<DuplicateRule>>;

/// One row of the table that drives reading, checking, `edda config show` and docs/configuration.md.
struct Setting {
  std::string_view key;       ///< as in the file: "payment.success_rate"
  Place place;
  std::string_view fallback;  ///< the default, as one would write it
  std::string_view about;     ///< one sentence
  double least = 0;           ///< bounds of numbers and durations (in milliseconds)
  double most = 0;
  std::string_view allowed = {};             ///< for texts: what is allowed, in words
  bool (*fits)(std::string_view) = nullptr;  ///< for texts: whether a value is allowed
  std::vector<std::string_view> aliases = {};     ///< environment names besides the one by rule, the first wins
  std::string_view in_production = {};  ///< the default in this mode, when it differs
  std::string_view in_demo = {};

  bool is_secret() const { return std::holds_alternative<At<Secret>>(place); }
  bool is_list() const { return std::holds_alternative<At<std::vector<std::string>>>(place); }
  std::string_view fallback_in(Mode mode) const;
  /// EDDA_PAYMENT_SUCCESS_RATE for payment.success_rate.
  std::string env_name() const;
  /// The rule's name, then the aliases; for a secret each is also read with _FILE appended.
  std::vector<std::string> env_names() const;
};

/// All settings, in the order in which they are shown. server.mode is the first: other defaults depend on it.
const std::vector<Setting>& settings();
/// nullptr if there is none.
const Setting* find_setting(std::string_view key);

/// Puts `text` into `config`. Errors: invalid_argument; the message says what is allowed and never repeats a secret.
Result<void> assign(const Setting& setting, std::string_view text, Config& config);
/// The value as one would write it; for a secret "(set)" or "(not set)".
std::string show(const Setting& setting, const Config& config);
/// "a whole number from 0 to 65535", "one of development, production, demo".
std::string allowed_values(const Setting& setting);

}  // namespace edda::config

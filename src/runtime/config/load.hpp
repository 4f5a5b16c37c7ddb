#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.hpp"

namespace edda::config {

/// Where settings come from. A flag beats the environment, which beats the file, which beats the default.
struct Sources {
  /// Flags in the order given: the flag as the user wrote it, the setting's key, the text.
  struct Flag {
    std::string flag;
    std::string key;
    std::string text;
  };
  std::vector<Flag> flags = {};
  std::map<std::string, std::string, std::less<>> environment = {};
  std::optional<std::string> file = {};  ///< --config; else EDDA_CONFIG, DATA/edda.toml, ./edda.toml, the first that exists
  std::filesystem::path folder = ".";    ///< what "." means
  std::optional<Mode> mode = {};         ///< the default of server.mode, as `edda demo` sets it
};

/// What stops a start: the setting, where its value came from, and what to do.
struct Problem {
  std::string key;
  std::string origin;
  std::string message;
};
/// "payment.success_rate (env EDDA_PAYMENT_SUCCESS_RATE): "2" is not allowed; it must be ..."
std::string to_string(const Problem& problem);

struct Loaded {
  Config config;
  std::vector<std::string> origins;  ///< one for each of settings(), in their order: "default", "env PORT", "flag --port"
  std::vector<std::string> warnings;
  std::string file;  ///< the file that was read; empty if none

  std::string_view origin(std::string_view key) const;
};

/// Reads and checks all sources. On failure: every problem found, never a secret.
std::expected<Loaded, std::vector<Problem>> load(const Sources& sources);

/// What keeps this configuration from serving: adapters that this build lacks, and what production refuses.
std::vector<Problem> refusals(const Loaded& loaded);
/// What a person should know before serving with it in the present mode (development: what production would refuse).
std::vector<std::string> cautions(const Loaded& loaded);

/// The environment of this process.
std::map<std::string, std::string, std::less<>> process_environment();

/// The known word nearest to `word`, when it is near enough to be a slip of the finger.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace edda::config

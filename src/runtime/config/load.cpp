#include "config/load.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>

#include "config/setting.hpp"
#include "config/toml_file.hpp"

namespace edda::config {
namespace {

// Names under EDDA_ that are no settings.
constexpr std::array other_names{"EDDA_CONFIG", "EDDA_URL", "EDDA_TOKEN"};
constexpr std::uintmax_t secret_file_bytes_max = 64 * 1024;

struct Given {
  std::string text;
  std::string origin;
};

/// Gathers, for each setting, the text of the strongest source.
class Gathering {
 public:
  explicit Gathering(const Sources& sources) : sources_(sources) {}

  std::map<std::string, Given, std::less<>> given;
  std::vector<Problem> problems;
  std::vector<std::string> warnings;
  std::string file;

  void run() {
    take_environment();
    take_flags();
    take_file();
    warn_of_unknown_names();
  }

 private:
  void take_environment() {
    for (const auto& setting : settings()) {
      for (const auto& name : setting.env_names()) {
        if (given.contains(setting.key)) break;
        take_variable(setting, name);
      }
    }
  }

  std::optional<std::string> variable(const std::string& name) const {
    const auto found = sources_.environment.find(name);
    // Compose files pass unset variables on as empty ones.
    if (found == sources_.environment.end() || found->second.empty()) return std::nullopt;
    return found->second;
  }

  void take_variable(const Setting& setting, const std::string& name) {
    const auto direct = variable(name);
    const auto file_name = setting.is_secret() ? variable(name + "_FILE") : std::nullopt;
    if (direct && file_name) {
      problems.push_back({std::string(setting.key), "env " + name, fmt::format("{0} and {0}_FILE are both set; unset one", name)});
    } else if (direct) {
      given.insert_or_assign(std::string(setting.key), Given{*direct, "env " + name});
    } else if (file_name) {
      take_secret_file(setting, name + "_FILE", *file_name);
    }
  }

  void take_secret_file(const Setting& setting, const std::string& name, const std::string& path) {
    std::ifstream stream(sources_.folder / path, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(stream)), {});
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    if (text.empty() || text.size() > secret_file_bytes_max) {
      problems.push_back({std::string(setting.key), "env " + name,
                          fmt::format("the file {} cannot be read, is empty, or is over 64 KiB", path)});
      return;
    }
    given.insert_or_assign(std::string(setting.key), Given{text, "env " + name});
  }

  void take_flags() {
    for (const auto& flag : sources_.flags) {
      const Setting* setting = find_setting(flag.key);
      if (setting == nullptr) {
        problems.push_back({flag.key, "flag " + flag.flag, unknown_key(flag.key)});
      } else if (setting->is_secret()) {
        problems.push_back({flag.key, "flag " + flag.flag,
                            fmt::format("every user of this machine can read a command line; set {0} or {0}_FILE instead",
                                        setting->env_names().back())});
      } else {
        given.insert_or_assign(flag.key, Given{flag.text, "flag " + flag.flag});
      }
    }
  }

  std::optional<std::filesystem::path> find_file() const {
    if (sources_.file) return sources_.folder / *sources_.file;
    if (const auto named = variable("EDDA_CONFIG")) return sources_.folder / *named;
    const auto data = given.find("server.data");
    const std::string_view folder =
        data != given.end() ? std::string_view(data->second.text)
                            : find_setting("server.data")->fallback_in(sources_.mode.value_or(Mode::development));
    for (const auto& candidate : {sources_.folder / folder / "edda.toml", sources_.folder / "edda.toml"}) {
      std::error_code ignored;
      if (std::filesystem::exists(candidate, ignored)) return candidate;
    }
    return std::nullopt;
  }

  void take_file() {
    const auto path = find_file();
    if (!path) return;
    file = path->lexically_normal().string();
    const auto entries = read_toml(*path);
    if (!entries) {
      problems.push_back(entries.error());
      return;
    }
    for (const auto& entry : *entries) take_entry(entry);
  }

  void take_entry(const FileEntry& entry) {
    const std::string origin = fmt::format("file {}:{}", file, entry.line);
    const Setting* setting = find_setting(entry.key);
    if (setting == nullptr) {
      problems.push_back({entry.key, origin, unknown_key(entry.key)});
    } else if (entry.is_list && !setting->is_list()) {
      problems.push_back({entry.key, origin, "a list is not allowed; it must be " + allowed_values(*setting)});
    } else {
      given.try_emplace(entry.key, Given{entry.text, origin});
    }
  }

  static std::string unknown_key(std::string_view key) {
    std::vector<std::string> known;
    for (const auto& setting : settings()) known.emplace_back(setting.key);
    const auto near = nearest(key, known);
    return fmt::format("there is no such setting; {}", near ? fmt::format("did you mean {}?", *near)
                                                            : "'edda config show' lists all of them");
  }

  // Only names that look like a slip: orchestrators put EDDA_PORT_3000_TCP and the like beside a service called edda.
  void warn_of_unknown_names() {
    std::vector<std::string> known(other_names.begin(), other_names.end());
    for (const auto& setting : settings()) {
      for (auto& name : setting.env_names()) {
        if (setting.is_secret()) known.push_back(name + "_FILE");
        known.push_back(std::move(name));
      }
    }
    for (const auto& [name, value] : sources_.environment) {
      if (!name.starts_with("EDDA_") || std::ranges::find(known, name) != known.end()) continue;
      if (const auto near = nearest(name, known); near && near->starts_with("EDDA_")) {
        warnings.push_back(fmt::format("env {} is no setting and is ignored; did you mean {}?", name, *near));
      }
    }
  }

  const Sources& sources_;
};

/// Two nodes on one machine differ in their port, so their names differ too. A port that is yet to be found says nothing: the process
/// does then.
std::string name_of_this_node(std::uint16_t port) {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0 || host[0] == '\0') host = {'n', 'o', 'd', 'e'};
  std::string name(host.data());
  std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0 && c != '-' && c != '_' && c != '.'; }, '-');
  return port != 0 ? fmt::format("{}-{}", name, port) : fmt::format("{}-p{}", name, getpid());
}

void check_across(const Loaded& loaded, std::vector<Problem>& problems) {
  const auto& payment = loaded.config.payment;
  if (payment.latency_min > payment.latency_max) {
    problems.push_back({"payment.latency_ms_min", std::string(loaded.origin("payment.latency_ms_min")),
                        fmt::format("{} is more than payment.latency_ms_max, which is {} ({})", payment.latency_min.count(),
                                    payment.latency_max.count(), loaded.origin("payment.latency_ms_max"))});
  }
  const auto& secret = loaded.config.auth.jwt_secret;
  if (!secret.empty() && secret.reveal() == loaded.config.auth.jwt_refresh_secret.reveal()) {
    problems.push_back({"auth.jwt_refresh_secret", std::string(loaded.origin("auth.jwt_refresh_secret")),
                        "is the same as auth.jwt_secret; make it another one: openssl rand -hex 32"});
  }
}

}  // namespace

std::string to_string(const Problem& problem) {
  if (problem.key.empty()) return fmt::format("{}: {}", problem.origin, problem.message);
  return fmt::format("{} ({}): {}", problem.key, problem.origin, problem.message);
}

std::string_view Loaded::origin(std::string_view key) const {
  for (std::size_t i = 0; i < settings().size(); ++i) {
    if (settings()[i].key == key) return origins.at(i);
  }
  return "default";
}

std::expected<Loaded, std::vector<Problem>> load(const Sources& sources) {
  Gathering gathering(sources);
  gathering.run();
  Loaded loaded;
  loaded.config.server.mode = sources.mode.value_or(Mode::development);
  for (const auto& setting : settings()) {
    const auto found = gathering.given.find(setting.key);
    const Mode mode = loaded.config.server.mode;
    const bool by_mode = setting.fallback_in(mode) != setting.fallback;
    const Given given = found != gathering.given.end()
                            ? found->second
                            : Given{std::string(setting.fallback_in(mode)), by_mode ? "default of the mode" : "default"};
    loaded.origins.push_back(given.origin);
    if (const auto done = assign(setting, given.text, loaded.config); !done) {
      gathering.problems.push_back({std::string(setting.key), given.origin, done.error().message});
    }
  }
  auto& server = loaded.config.server;
  if (server.node_id.empty()) server.node_id = name_of_this_node(server.port);
  loaded.warnings = std::move(gathering.warnings);
  loaded.file = std::move(gathering.file);
  if (gathering.problems.empty()) check_across(loaded, gathering.problems);
  if (!gathering.problems.empty()) return std::unexpected(std::move(gathering.problems));
  return loaded;
}

std::map<std::string, std::string, std::less<>> process_environment() {
  std::map<std::string, std::string, std::less<>> all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) all.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return all;
}

}  // namespace edda::config

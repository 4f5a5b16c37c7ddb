#pragma once

#include <string>

#include "config/load.hpp"

namespace edda::config {

/// Every setting with its value and origin, one a line, for people. Secrets are "(set)" or "(not set)".
std::string table_of(const Loaded& loaded);
/// {"mode": ..., "settings": [{"key", "value", "origin", "secret"}]}, as GET /v1/config answers: origin is flag, env, file or
/// default; a secret's value is true or false, whether it is set. `with_source` adds "from": "env PORT", "file edda.toml:3".
std::string json_of(const Loaded& loaded, bool with_source = false);
/// docs/configuration.md, from the same table that reads the settings.
std::string configuration_page();

}  // namespace edda::config

#pragma once

#include <string>

#include "config/load.hpp"

namespace edda::config {

/// Every setting with its value and origin, one a line, for people. Secrets are "(set)" or "(not set)".
std::string table_of(const Loaded& loaded);
/// {"file": ..., "settings": [{"key", "value", "origin", "secret"}]}; secrets have no value but "set": true or false.
std::string json_of(const Loaded& loaded);
/// docs/configuration.md, from the same table that reads the settings.
std::string configuration_page();

}  // namespace edda::config

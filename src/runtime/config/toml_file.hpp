#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "config/load.hpp"

namespace edda::config {

/// One key of a file, its tables joined by dots, its value as text; lists joined by commas.
struct FileEntry {
  std::string key;
  std::string text;
  unsigned line = 0;
  bool is_list = false;
};

/// Errors: one problem that names line and column when the file cannot be read or is no TOML.
std::expected<std::vector<FileEntry>, Problem> read_toml(const std::filesystem::path& file);

}  // namespace edda::config

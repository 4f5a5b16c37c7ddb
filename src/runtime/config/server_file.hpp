#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/secret.hpp"

namespace edda::config {

/// What a running server leaves in its data folder, so that commands find it and may speak as its administrator.
struct ServerFile {
  std::string url;         ///< "http://127.0.0.1:3000"
  Secret token;            ///< bearer token of the internal administrator
  std::int64_t process = 0;
};

/// Readable by its owner only, replaced in one step. Errors: unavailable.
Result<void> write_private_file(const std::filesystem::path& path, std::string_view content);

/// DATA/server.json, readable by its owner only, replaced in one step. Errors: unavailable.
Result<void> write_server_file(const std::filesystem::path& data, const ServerFile& file);
/// Errors: not_found (no server was started there, or it ended in order), corrupt, forbidden (not ours to read).
Result<ServerFile> read_server_file(const std::filesystem::path& data);
void remove_server_file(const std::filesystem::path& data);

}  // namespace edda::config

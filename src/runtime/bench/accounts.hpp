#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "bench/http_link.hpp"

namespace edda::bench {

/// A server to load.
struct Target {
  std::string url;
  sockaddr_in address{};

  /// `allow_remote`: else only this machine is loaded, so that a slip of the finger hits nobody else.
  /// Errors: invalid_argument, forbidden.
  static Result<Target> parse(const std::string& url, bool allow_remote);
};

/// Registers `count` accounts with made-up names and passwords, and returns their access tokens.
/// Errors: those of the server, and of reaching it.
Result<std::vector<std::string>> register_accounts(const Target& target, std::size_t count);

/// Registers a tracked product with more of it than any load can order, as the administrator of the server in `data`.
/// Errors: those of the server, and of reaching it.
Result<void> register_product(const std::filesystem::path& data, const std::string& product);

}  // namespace edda::bench

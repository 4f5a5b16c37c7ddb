#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/load.hpp"

namespace edda::cli {

/// A row of the replaced system's users table, as texts.
struct UserRow {
  std::string id;
  std::string email;
  std::string password_hash;
  std::string first_name;
  std::string last_name;
  std::string role;
  std::string status;
  std::string created_at;
  bool email_verified = false;
};

/// How the first administrator came to be.
struct AdminNote {
  bool created = false;
  std::string email;
  config::Secret generated_password;  ///< only when it was made up just now
};

/// A server inside this process, on threads of its own.
class RunningServer {
 public:
  virtual ~RunningServer() = default;
  /// Where it listens, as another program on this machine reaches it: "http://127.0.0.1:3000".
  virtual std::string url() const = 0;
  /// A bearer token of the internal administrator, good for as long as the server runs.
  virtual config::Secret token() const = 0;
  virtual AdminNote admin() const = 0;
  /// Takes over a user with the password hash. Errors: already_exists, invalid_argument.
  virtual Result<void> import_user(const UserRow& row) = 0;
  /// Answers what is under way, commits, frees the data folder. Called once, before destruction.
  virtual Result<void> stop() = 0;
};

/// What the commands need of the rest of the program. The commands themselves name no adapter.
struct Hooks {
  std::string version;
  std::string compiler;
  std::string commit;
  /// Starts a server and returns once it listens. Without `serve` it is a command's own: on a free port of the loopback, told to
  /// nobody, acting for no saga. Errors: already_exists (another process holds the data folder), unavailable
  /// (port taken), corrupt, invalid_argument. A server that serves waits for a store elsewhere, and for its id there, until `stop_wanted`
  /// says true: then it gives up, unless it has started. `stop_wanted` is asked on the caller's thread, again and again; empty: never.
  std::function<Result<std::unique_ptr<RunningServer>>(const config::Loaded&, bool serve, const std::function<bool()>& stop_wanted)>
      start;
  /// Whether the store that the configuration names on a PostgreSQL server is there. Makes and changes nothing. Errors: not_found,
  /// invalid_argument (the store of another release), unavailable.
  std::function<Result<void>(const config::Loaded&)> find_shared_store;
  /// The OpenAPI document, as JSON.
  std::function<std::string()> openapi;
  /// `edda bench ARGUMENTS`: the exit code.
  std::function<int(const std::vector<std::string>&)> bench;
  /// `edda paysim ARGUMENTS`: the exit code.
  std::function<int(const std::vector<std::string>&)> paysim;
  /// `edda fault-proxy ARGUMENTS`: the exit code.
  std::function<int(const std::vector<std::string>&)> fault_proxy;
  /// `edda worker ARGUMENTS`: the exit code.
  std::function<int(const std::vector<std::string>&)> worker;
  /// `edda copy ARGUMENTS`: the exit code.
  std::function<int(const std::vector<std::string>&)> copy;
  /// `edda import ARGUMENTS`: the exit code.
  std::function<int(const std::vector<std::string>&)> import;
};

}  // namespace edda::cli

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "accounts/account_service.hpp"
#include "base/result.hpp"
#include "config/load.hpp"

namespace edda::wiring {

/// How this process uses the store.
struct RunOptions {
  /// False: a command's own short-lived server, on a free loopback port, that nobody else is told of and that acts for no saga.
  bool serve = true;
  std::string commit = "unknown";  ///< that the program was built from
};

/// What a person should be told once the server answers.
struct Started {
  std::string url;          ///< "http://127.0.0.1:3000"
  std::string admin_token;  ///< a bearer token of an administrator, valid for a day
  accounts::AdminOutcome admin;
};

/// One Edda: every part built from the configuration, started in the order of their dependencies, stopped in reverse.
///
/// Threads: the caller of `start` and `run` is the I/O thread (HTTP, owner, timers); the lane has one; SQLite's readers and the password
/// hashes have theirs.
/// Thread-safety: `start`, `run` and destruction on one thread; the rest from any.
class Application {
 public:
  Application(config::Loaded loaded, RunOptions options);
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  /// Opens the store, takes its shards over, listens. Errors: what kept it from starting; everything is closed again.
  Result<Started> start();

  /// Serves until `request_stop`, then drains: refuses new requests, answers those under way, commits what waits.
  void run();

  /// Ends a `start` that waits, for its store or for its node's id: it fails. From any thread, while `start` runs.
  void give_up_start();

  /// Ends `run`; called once.
  void request_stop();

  /// Takes a user over with the password hash. Blocks; not on the thread of `run`, and only while that runs.
  /// Errors: already_exists, invalid_argument, unavailable.
  Result<void> import_user(const accounts::ImportedUser& user);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace edda::wiring

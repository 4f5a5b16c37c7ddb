#pragma once

#include <memory>

#include "cli/api.hpp"
#include "cli/hooks.hpp"
#include "cli/invocation.hpp"
#include "cli/terminal.hpp"

namespace edda::cli {

/// Everything a command works with.
struct Session {
  const Hooks& hooks;
  const Invocation& invocation;
  config::Loaded loaded;
  Terminal terminal;

  const Common& common() const { return invocation.common; }
};

/// The server named by --url or EDDA_URL, else that of the data folder. The token is EDDA_TOKEN, else the data folder's if it is
/// that server's.
/// Errors: not_found (no server was started there), invalid_argument (an address that is none).
Result<Api> connect(const Session& session);

/// A server to work with: the one that runs, or, when none holds the data folder, one in this process on a free local port that
/// ends with this object. So `edda verify` needs no server, and yet there is one way of doing things.
class Access {
 public:
  static Result<Access> open(const Session& session);
  /// As open(), for what only reads: also where the store is on a PostgreSQL server, which other nodes may be using.
  static Result<Access> open_to_read(const Session& session);
  Access(Access&&) = default;
  ~Access();

  const Api& api() const { return api_; }

 private:
  static Result<Access> of_server(const Session& session, bool shared_too);
  Access(Api api, std::unique_ptr<RunningServer> own) : api_(std::move(api)), own_(std::move(own)) {}

  Api api_;
  std::unique_ptr<RunningServer> own_;
};

/// The store that the configuration names, in words.
std::string store_of(const config::Config& config);

/// How to sign in as the first administrator, for people. A password that was made up is shown to a person, or left in a file for the owner
/// of the data folder; never in a log (design R24). Once for each server: it cannot be asked for again.
std::string admin_hint(const Session& session, const AdminNote& admin);

/// As Access, but refuses when a server runs, and makes the store where there is none: says then how its administrator signs in.
Result<std::unique_ptr<RunningServer>> start_privately(const Session& session);

}  // namespace edda::cli

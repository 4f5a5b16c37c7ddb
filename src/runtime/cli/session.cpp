#include "cli/session.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "config/server_file.hpp"

namespace edda::cli {
namespace {

std::string variable(const Session& session, std::string_view name) {
  const auto& environment = session.common().sources.environment;
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

Result<Api> at(const std::string& url, config::Secret token) {
  TRY(Endpoint endpoint, parse_endpoint(url));
  return Api(HttpClient(std::move(endpoint)), std::move(token));
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace

Result<Api> connect(const Session& session) {
  const std::string named =
      without_slash(!session.common().url.empty() ? session.common().url : variable(session, "EDDA_URL"));
  const std::string own_token = variable(session, "EDDA_TOKEN");
  const std::string& data = session.loaded.config.server.data;
  auto file = config::read_server_file(data);
  if (!named.empty()) {
    const bool same = file && file->url == named;
    return at(named, !own_token.empty() ? config::Secret(own_token) : same ? file->token : config::Secret());
  }
  if (!file && file.error().code == Errc::not_found) {
    return fail(Errc::not_found, fmt::format("no server runs on the data folder {}: start one with ./run (or edda serve), "
                                             "or pass --url http://HOST:PORT or --data FOLDER", data));
  }
  if (!file) return std::unexpected(file.error());
  return at(file->url, !own_token.empty() ? config::Secret(own_token) : file->token);
}

std::string admin_hint(const Session& session, const AdminNote& admin) {
  if (!admin.created) return admin.email.empty() ? "as before" : admin.email;
  if (admin.generated_password.empty()) return admin.email + ", with the password that is configured";
  if (isatty(STDERR_FILENO) != 0) {
    return fmt::format("{}, password {} (shown once; keep it)", admin.email, admin.generated_password.reveal());
  }
  const auto file = std::filesystem::path(session.loaded.config.server.data) / "admin-password";
  const auto kept = config::write_private_file(file, admin.generated_password.reveal() + "\n");
  return kept ? fmt::format("{}, password in {}", admin.email, file.string())
              : fmt::format("{}; its password could not be kept: {}", admin.email, kept.error().message);
}

Result<std::unique_ptr<RunningServer>> start_privately(const Session& session) {
  if (!session.hooks.start) return fail(Errc::internal, "this build has no server in it");
  TRY(auto server, session.hooks.start(session.loaded, false, {}));
  if (const auto admin = server->admin(); admin.created) session.terminal.say("Administrator: " + admin_hint(session, admin));
  return server;
}

std::string store_of(const config::Config& config) {
  if (config.database.host.empty()) return "the store in " + config.server.data;
  return fmt::format("the database {} at {}:{}", config.database.name, config.database.host, config.database.port);
}

Result<Access> Access::open(const Session& session) { return of_server(session, false); }
Result<Access> Access::open_to_read(const Session& session) { return of_server(session, true); }

Result<Access> Access::of_server(const Session& session, bool shared_too) {
  auto api = connect(session);
  const bool named = !session.common().url.empty() || !variable(session, "EDDA_URL").empty();
  if (api) {
    // The file may be left over from a server that was killed.
    const auto alive = api->raw("/livez");
    if (alive || named || alive.error().code != Errc::unavailable) return Access(*std::move(api), nullptr);
  } else if (named || api.error().code != Errc::not_found) {
    return std::unexpected(api.error());
  }
  // A command that looks must not make a store by the way.
  const std::filesystem::path data = session.loaded.config.server.data;
  const bool shared = shared_too && !session.loaded.config.database.host.empty();
  if (shared) TRY_VOID(session.hooks.find_shared_store(session.loaded));
  if (!shared && !std::filesystem::exists(data / "edda.sqlite3"))
    return api ? fail(Errc::not_found, fmt::format("there is no store in {}", data.string())) : std::unexpected(api.error());
  TRY(auto own, start_privately(session));
  session.terminal.say(fmt::format("No server runs on {}; opening {} here.", data.string(), shared ? store_of(session.loaded.config) : "it"));
  TRY(auto own_api, at(own->url(), own->token()));
  return Access(std::move(own_api), std::move(own));
}

Access::~Access() {
  if (own_) (void)own_->stop();
}

}  // namespace edda::cli

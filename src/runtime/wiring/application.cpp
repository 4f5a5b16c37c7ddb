#include "wiring/application.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "async/task_group.hpp"
#include "base/failpoint.hpp"
#include "config/server_file.hpp"
#include "wiring/front_door.hpp"
#include "wiring/process_metrics.hpp"
#include "wiring/process_state.hpp"
#include "wiring/settings_of.hpp"
#include "wiring/web.hpp"

namespace edda::wiring {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::hours admin_token_lifetime{24};
constexpr std::chrono::hours admin_token_renewal{12};
constexpr std::chrono::seconds filters_again{2};
// In which a node starts that finds everything; after a kill it first waits until its own last lease has run out.
constexpr std::chrono::milliseconds quick_start{1'500};

}  // namespace

/// The stages in the order of their dependencies; they are destroyed in reverse.
struct Application::Parts {
  Parts(config::Loaded configuration, RunOptions run_options)
      : base(std::move(configuration), std::move(run_options)), state(base.clock), door(base), background(base.io.get_executor()) {}

  Foundation base;
  ProcessState state;
  FrontDoor door;
  std::optional<Storage> storage;
  std::optional<Charging> charging;
  std::optional<Filters> filters;
  std::optional<Transports> transports;
  std::optional<Engine> engine;
  std::optional<Identity> identity;
  std::optional<Web> web;
  TaskGroup background;

  Result<void> make_data_folder();
  Result<void> open_traces();
  void note_health();
  Task<void> answer_probes_when_late();
  Task<Result<void>> build();
  Task<Result<Started>> start();
  Task<void> renew_server_file(std::string url);
  Task<void> look_after_filters();
  Task<void> stop();
};

Result<void> Application::Parts::make_data_folder() {
  std::error_code failed;
  std::filesystem::create_directories(base.config().server.data, failed);
  if (failed) return fail(Errc::unavailable, "the data folder cannot be made: " + failed.message());
  return {};
}

/// Before anything that makes spans.
Result<void> Application::Parts::open_traces() {
  const auto settings = trace_settings(base.config());
  if (settings && base.options.serve) {
    TRY(base.traces, telemetry::TraceExport::open(*settings, base.clock, base.random, base.log));
  }
  register_traces(base.metrics, base.traces.get());
  return {};
}

/// Whoever looks after this process sees that it lives while it waits. Until it is late nobody listens: a balancer goes on to the next node
/// then, but would pass a "later" on to the client.
Task<void> Application::Parts::answer_probes_when_late() {
  co_await base.clock.sleep_until(base.clock.steady_now() + base.config().cluster.lease + quick_start);
  if (background.closed()) co_return;
  if (const auto answering = door.answer_probes(); !answering)
    base.log.write(LogLevel::warn, "probes are not answered while this node starts: " + answering.error().message, {});
}

Task<Result<void>> Application::Parts::build() {
  CO_TRY_VOID(make_data_folder());
  CO_TRY_VOID(open_traces());
  if (base.waits_for_store()) background.spawn(answer_probes_when_late());
  CO_TRY(auto opened, co_await open_storage(base));
  storage.emplace(std::move(opened));
  CO_TRY(charging, open_charging(base));
  CO_TRY(auto fast, Filters::open(base));
  filters.emplace(std::move(fast));
  transports.emplace(base, *storage);
  engine.emplace(base, *storage, *charging->gateway, *transports);
  CO_TRY(identity, co_await open_identity(base, storage->users, filters->limiter()));
  web.emplace(Web::Parts{base, *storage, *charging, *filters, *engine, *identity, state});
  note_health();
  register_front_door(base.metrics, door);
  co_return Result<void>{};
}

void Application::Parts::note_health() {
  state.add([this] { return engine->lanes_health(); });
  state.add([this] { return engine->owner_health(); });
  state.add([this] { return charging->health(); });
  state.add([this] { return filters->health(); });
  state.add([this] { return transports->health(); });
}

Task<Result<Started>> Application::Parts::start() {
  CO_TRY_VOID(co_await build());
  Started started;
  const auto& auth = base.config().auth;
  auto& accounts = *identity->accounts;
  CO_TRY(started.admin,
         co_await accounts.ensure_admin(auth.admin_email,
                                        auth.admin_password.empty() ? std::nullopt : std::optional(auth.admin_password.reveal()),
                                        base.soon()));
  CO_TRY_VOID(co_await engine->start());
  CO_TRY_VOID(co_await door.open(web->router));
  const auto& address = base.config().server.host;
  const std::string host = address == "0.0.0.0" || !base.options.serve ? "127.0.0.1" : address;
  started.url = fmt::format("http://{}:{}", host, door.port());
  CO_TRY(started.admin_token, co_await accounts.local_admin_token(admin_token_lifetime, base.soon()));
  if (base.options.serve) background.spawn(renew_server_file(started.url));
  background.spawn(look_after_filters());
  state.set_accepting(true);
  co_return started;
}

/// Commands on this machine find the server by this file; its token is replaced long before it expires.
Task<void> Application::Parts::renew_server_file(std::string url) {
  const auto& data = base.config().server.data;
  while (!background.closed()) {
    if (const auto token = co_await identity->accounts->local_admin_token(admin_token_lifetime, base.soon()))
      static_cast<void>(config::write_server_file(data, {url, config::Secret(*token), getpid()}));
    co_await base.clock.sleep_until(base.clock.steady_now() + admin_token_renewal);
  }
}

Task<void> Application::Parts::look_after_filters() {
  while (!background.closed()) {
    co_await filters->look();
    co_await base.clock.sleep_until(base.clock.steady_now() + filters_again);
  }
}

/// In reverse: what takes requests first, what keeps them last. Stages that were never built are passed over.
Task<void> Application::Parts::stop() {
  const auto& server = base.config().server;
  const bool was_accepting = state.accepting();
  state.set_accepting(false);
  // A balancer sees /readyz, and clients leave their connections, before the port closes.
  door.announce_stop();
  if (base.options.serve && was_accepting) co_await base.clock.sleep_until(base.clock.deadline_in(server.stop_delay).at);
  background.close();
  background.cancel();
  co_await background.join();
  if (base.options.serve && was_accepting) config::remove_server_file(server.data);
  EDDA_FAILPOINT("stop.begun");
  co_await door.stop(base.clock.deadline_in(server.drain_timeout));
  EDDA_FAILPOINT("stop.no_requests");
  if (web) co_await web->stop_tasks();
  if (engine) co_await engine->stop_owning();
  EDDA_FAILPOINT("stop.no_steps");
  if (engine) co_await engine->stop_deciding();
  if (filters) co_await filters->stop();
  EDDA_FAILPOINT("stop.no_turns");
}

Application::Application(config::Loaded loaded, RunOptions options)
    : parts_(std::make_unique<Parts>(std::move(loaded), std::move(options))) {}

Application::~Application() = default;

Result<Started> Application::start() {
  Parts& parts = *parts_;
  Result<Started> started = fail(Errc::internal, "not started");
  bool done = false;
  asio::co_spawn(parts.base.io, parts.start(), [&](std::exception_ptr failure, Result<Started> result) {
    if (failure) std::rethrow_exception(failure);
    started = std::move(result);
    done = true;
  });
  while (!done) parts.base.io.run_one();
  if (!started) {
    asio::co_spawn(parts.base.io, parts.stop(), [](std::exception_ptr) {});
    parts.base.io.run();
  }
  return started;
}

void Application::run() {
  parts_->base.io.restart();
  parts_->base.io.run();
}

void Application::give_up_start() {
  asio::post(parts_->base.io, [this] { parts_->base.patience.give_up(); });
}

void Application::request_stop() {
  asio::co_spawn(parts_->base.io, parts_->stop(), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
}

Result<void> Application::import_user(const accounts::ImportedUser& user) {
  auto imported = asio::co_spawn(
      parts_->base.io, parts_->identity->accounts->import_user({.reason = "import"}, user, parts_->base.soon()), asio::use_future);
  auto result = imported.get();
  if (!result) return std::unexpected(result.error());
  return {};
}

}  // namespace edda::wiring

#include "wiring/application.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "accounts/shared_secret.hpp"
#include "async/task_group.hpp"
#include "base/failpoint.hpp"
#include "config/report.hpp"
#include "config/server_file.hpp"
#include "crypto/secret_random.hpp"
#include "crypto/token_signer.hpp"
#include "gateway/http_gateway.hpp"
#include "gateway/ledger.hpp"
#include "gateway/simulator.hpp"
#include "gateway/webhook_signature.hpp"
#include "http/routes/operations.hpp"
#include "http/routes/webhooks.hpp"
#include "lanes/epochs.hpp"
#include "maintenance/rebuild.hpp"
#include "maintenance/saga_check.hpp"
#include "maintenance/verify.hpp"
#include "memory/lock_service.hpp"
#include "memory/rate_limiter.hpp"
#include "operators/batch_service.hpp"
#include "orders/order_service.hpp"
#include "owner/answer_delivery.hpp"
#include "owner/commit_signal.hpp"
#include "owner/dispatcher.hpp"
#include "owner/gateway_executor.hpp"
#include "owner/step_router.hpp"
#include "owner/stock_executor.hpp"
#include "products/product_service.hpp"
#include "products/tracked_products.hpp"
#include "sqlite/store.hpp"
#include "sqlite/users.hpp"
#include "system/clock.hpp"
#include "system/json_log.hpp"
#include "system/random.hpp"
#include "wiring/lane_thread.hpp"
#include "wiring/metrics_of.hpp"
#include "wiring/settings_of.hpp"

namespace edda::wiring {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr milliseconds start_deadline{60'000};
constexpr milliseconds maintenance_deadline = std::chrono::hours(6);
constexpr std::size_t locks_max = 100'000;
constexpr std::size_t rate_buckets_max = 100'000;
constexpr std::chrono::hours admin_token_lifetime{24};
constexpr std::chrono::hours admin_token_renewal{12};

/// How the process is, for the routes.
class ProcessState final : public http::Lifecycle {
 public:
  ProcessState(Clock& clock, bool simulated_gateway)
      : clock_(clock), started_(clock.steady_now()), simulated_gateway_(simulated_gateway) {}

  bool accepting() const override { return accepting_; }
  void set_accepting(bool accepting) { accepting_ = accepting; }
  std::chrono::seconds uptime() const override {
    return std::chrono::duration_cast<std::chrono::seconds>(clock_.steady_now() - started_);
  }
  std::size_t resident_bytes() const override { return wiring::resident_bytes(); }
  std::vector<http::Component> components() const override {
    using Status = http::Component::Status;
    return {{"lanes", Status::up, {}},
            {"dispatcher", Status::up, {}},
            {"payment_gateway", Status::up, simulated_gateway_ ? "simulator" : "http"},
            {"redis", Status::not_configured, {}},
            {"kafka", Status::not_configured, {}}};
  }

 private:
  Clock& clock_;
  const SteadyTime started_;
  const bool simulated_gateway_;
  bool accepting_ = false;
};

}  // namespace

/// The parts in the order of their dependencies; they are destroyed in reverse.
struct Application::Parts {
  Parts(config::Loaded configuration, RunOptions run_options)
      : loaded(std::move(configuration)), options(run_options), log(stderr, log_level(config()), config().server.node_id, clock), state(clock, is_simulated()), limiter(clock, rate_buckets_max), locks(clock, locks_max) {}

  const config::Config& config() const { return loaded.config; }
  bool is_simulated() const { return config().gateway.url.empty(); }
  Deadline soon() { return clock.deadline_in(start_deadline); }

  const config::Loaded loaded;
  const RunOptions options;
  asio::io_context io{1};
  system::SystemClock clock;
  system::SystemRandom random;
  crypto::SodiumRandom secrets;
  system::JsonLog log;
  ProcessState state;
  memory::MemoryRateLimiter limiter;
  memory::MemoryLockService locks;
  owner::CommitSignal commits;
  products::TrackedProducts tracked;
  metrics::Registry metrics;

  std::unique_ptr<sqlite::Database> database;
  std::unique_ptr<sqlite::SqliteStore> store;
  std::unique_ptr<sqlite::SqliteUserStore> users;
  std::unique_ptr<lanes::Epochs> epochs;
  std::unique_ptr<gateway::Ledger> ledger;  ///< of the simulator; a gateway elsewhere keeps its own
  std::unique_ptr<PaymentGateway> gateway;
  std::unique_ptr<owner::GatewayExecutor> gateway_steps;
  std::unique_ptr<owner::StockExecutor> stock_steps;
  std::unique_ptr<owner::StepRouter> steps;
  std::unique_ptr<LaneThread> lane_thread;
  std::unique_ptr<owner::Dispatcher> dispatcher;
  std::unique_ptr<lanes::Lane> lane;
  std::unique_ptr<crypto::JwtSigner> signer;
  std::unique_ptr<crypto::HashingPool> hashing;
  std::unique_ptr<accounts::AccountService> accounts;
  std::unique_ptr<products::ProductService> products;
  std::unique_ptr<orders::OrderService> orders;
  std::unique_ptr<operators::OperatorService> operators;
  std::unique_ptr<operators::BatchService> batches;
  std::unique_ptr<queries::EventFeed> feed;
  std::unique_ptr<maintenance::TaskRegistry> tasks;
  std::unique_ptr<owner::AnswerDelivery> delivery;
  std::optional<http::Webhooks> webhooks;
  std::unique_ptr<http::Router> router;
  std::optional<http::Api> api;
  std::optional<http::Operations> operations;
  std::unique_ptr<http::Server> server;
  std::unique_ptr<TaskGroup> background;

  Result<void> open_store();
  Result<void> open_gateway();
  void build_engine();
  Task<Result<void>> build_accounts();
  void build_http();
  Task<Result<std::string>> rebuild(maintenance::Progress progress);
  Task<Result<std::string>> verify(maintenance::Progress progress);
  Task<Result<std::string>> check_sagas(maintenance::Progress progress);
  Task<Result<Started>> start();
  Task<void> renew_server_file(std::string url);
  Task<void> stop();
};

Result<void> Application::Parts::open_store() {
  std::error_code failed;
  std::filesystem::create_directories(config().server.data, failed);
  if (failed) return fail(Errc::unavailable, "the data folder cannot be made: " + failed.message());
  TRY(database, sqlite::Database::open(database_options(config())));
  TRY(store, sqlite::SqliteStore::open(*database, {.shards = 1, .generation = random.uuid_v7(clock.now())}));
  users = std::make_unique<sqlite::SqliteUserStore>(*database);
  return {};
}

Result<void> Application::Parts::open_gateway() {
  if (is_simulated()) {
    TRY(ledger, gateway::Ledger::open({.path = std::filesystem::path(config().server.data) / "payments.ledger"}));
    gateway = std::make_unique<gateway::PaymentSimulator>(clock, *ledger, simulator_settings(config()));
    return {};
  }
  TRY(auto settings, gateway_settings(config()));
  gateway = std::make_unique<gateway::HttpGateway>(io.get_executor(), clock, std::move(settings));
  return {};
}

void Application::Parts::build_engine() {
  epochs = std::make_unique<lanes::Epochs>(store->info().shards);
  gateway_steps = std::make_unique<owner::GatewayExecutor>(*gateway, &clock);
  stock_steps = std::make_unique<owner::StockExecutor>(*store);
  steps = std::make_unique<owner::StepRouter>(*gateway_steps, *stock_steps);
  lane_thread = std::make_unique<LaneThread>();
  dispatcher = std::make_unique<owner::Dispatcher>(io.get_executor(), *store, *steps, *epochs, clock, random,
                                                   log, dispatcher_settings(config()));
  lane = std::make_unique<lanes::Lane>(
      lane_thread->executor(), *store, *epochs, clock, random, lane_settings(config()),
      [this](std::shared_ptr<const std::vector<lanes::CommittedTurn>> turns) {
        tracked.on_commit(*turns);
        if (options.serve) dispatcher->on_commit(std::move(turns));
        commits.notify();
      });
  dispatcher->connect(*lane);
  stock_steps->connect(*lane);
}

Task<Result<void>> Application::Parts::build_accounts() {
  crypto::TokenSettings tokens;
  tokens.access_secret = config().auth.jwt_secret.reveal();
  tokens.refresh_secret = config().auth.jwt_refresh_secret.reveal();
  tokens.accept_legacy = config().auth.accept_legacy_tokens;
  if (tokens.access_secret.empty()) {
    CO_TRY(tokens.access_secret, co_await accounts::shared_secret(*users, secrets, "jwt_access", soon()));
  }
  if (tokens.refresh_secret.empty()) {
    CO_TRY(tokens.refresh_secret, co_await accounts::shared_secret(*users, secrets, "jwt_refresh", soon()));
  }
  signer = std::make_unique<crypto::JwtSigner>(std::move(tokens));
  hashing = std::make_unique<crypto::HashingPool>(hashing_settings(config()), clock);
  accounts = std::make_unique<accounts::AccountService>(
      accounts::AccountService::Ports{*users, *hashing, *signer, secrets, limiter, clock, random},
      account_settings(config()));
  co_return Result<void>{};
}

void Application::Parts::build_http() {
  products = std::make_unique<products::ProductService>(*lane, *store);
  orders = std::make_unique<orders::OrderService>(*lane, *store, clock, random,
                                                  [this] { return dispatcher->keeps_up(); }, &tracked, order_policy(config()));
  operators = std::make_unique<operators::OperatorService>(
      operators::OperatorService::Ports{*lane, *store, operators::audit_by(*accounts), clock, random, log});
  batches = std::make_unique<operators::BatchService>(io.get_executor(), *operators, *store, *accounts, clock, random);
  feed = std::make_unique<queries::EventFeed>(*store, *store);
  tasks = std::make_unique<maintenance::TaskRegistry>(io.get_executor(), clock, random);
  register_metrics(metrics, *lane, *dispatcher);
  delivery = std::make_unique<owner::AnswerDelivery>(owner::AnswerDelivery::Ports{*dispatcher, *store, *store, log});
  register_webhooks(metrics, *delivery);
  if (!config().gateway.webhook_secret.empty()) {
    webhooks.emplace(http::Webhooks{
        config().gateway.name,
        [secret = config().gateway.webhook_secret](std::string_view signature, std::string_view body, Timestamp now) {
          return gateway::verify_webhook(secret.reveal(), signature, body, now);
        },
        *delivery});
  }

  router = std::make_unique<http::Router>(http::RouterOptions{.cors_open = config().http.cors_open});
  api.emplace(http::Api{*orders, *products, *operators, *store, *store, *accounts, locks, clock, random, state, commits, api_settings(config())});
  api->settings.commit = options.commit;
  operations.emplace(http::Operations{
      .feed = *feed,
      .tasks = *tasks,
      .batches = *batches,
      .metrics = metrics,
      .rebuild = [this](maintenance::Progress progress) { return rebuild(std::move(progress)); },
      .verify = [this](maintenance::Progress progress) { return verify(std::move(progress)); },
      .check_sagas = [this](maintenance::Progress progress) { return check_sagas(std::move(progress)); },
      .render_config = [this] { return config::json_of(loaded); },
      .webhooks = webhooks ? &*webhooks : nullptr});
  http::add_authentication(*router, *api);
  http::observe_requests(*router, metrics, log);
  http::add_old_routes(*router, *api);
  http::add_v1_routes(*router, *api, *operations);
  http::add_ops_routes(*router, *api, *operations);
  server = std::make_unique<http::Server>(io.get_executor(), *router, clock, random,
                                          server_options(config(), options.serve));
}

Task<Result<std::string>> Application::Parts::rebuild(maintenance::Progress progress) {
  CO_TRY(const auto rebuilt, co_await maintenance::rebuild_views(*store, clock, std::move(progress),
                                                                 clock.deadline_in(maintenance_deadline)));
  co_return maintenance::to_json(rebuilt);
}

Task<Result<std::string>> Application::Parts::verify(maintenance::Progress progress) {
  maintenance::Verifier verifier({*store, *store, *store, *store, ledger.get(), clock});
  CO_TRY(const auto report, co_await verifier.run(std::move(progress), clock.deadline_in(maintenance_deadline)));
  co_return maintenance::to_json(report);
}

Task<Result<std::string>> Application::Parts::check_sagas(maintenance::Progress progress) {
  CO_TRY(const auto report, co_await maintenance::check_sagas(*store, *store, clock, std::move(progress),
                                                              clock.deadline_in(maintenance_deadline)));
  co_return maintenance::to_json(report, EDDA_VERSION);
}

/// Commands on this machine find the server by this file; its token is replaced long before it expires.
Task<void> Application::Parts::renew_server_file(std::string url) {
  while (!background->closed()) {
    if (const auto token = co_await accounts->local_admin_token(admin_token_lifetime, soon()))
      static_cast<void>(config::write_server_file(config().server.data, {url, config::Secret(*token), getpid()}));
    co_await clock.sleep_until(clock.steady_now() + admin_token_renewal);
  }
}

Task<Result<Started>> Application::Parts::start() {
  CO_TRY_VOID(co_await build_accounts());
  build_http();
  CO_TRY_VOID(co_await tracked.load(*store, soon()));
  Started started;
  const auto& password = config().auth.admin_password;
  CO_TRY(started.admin, co_await accounts->ensure_admin(
                            config().auth.admin_email,
                            password.empty() ? std::nullopt : std::optional(password.reveal()), soon()));
  if (options.serve) CO_TRY_VOID(co_await dispatcher->start(soon()));
  CO_TRY_VOID(server->start());
  const std::string host = config().server.host == "0.0.0.0" || !options.serve ? "127.0.0.1" : config().server.host;
  started.url = fmt::format("http://{}:{}", host, server->port());
  CO_TRY(started.admin_token, co_await accounts->local_admin_token(admin_token_lifetime, soon()));
  background = std::make_unique<TaskGroup>(io.get_executor());
  if (options.serve) background->spawn(renew_server_file(started.url));
  state.set_accepting(true);
  co_return started;
}

/// In reverse: what takes requests first, what keeps them last. Parts that were never built are passed over.
Task<void> Application::Parts::stop() {
  const bool was_accepting = state.accepting();
  state.set_accepting(false);
  // A balancer sees /readyz before it sees a closed port.
  if (options.serve && was_accepting) co_await clock.sleep_until(clock.deadline_in(config().server.stop_delay).at);
  if (background) {
    background->close();
    background->cancel();
    co_await background->join();
    if (options.serve) config::remove_server_file(config().server.data);
  }
  EDDA_FAILPOINT("stop.begun");
  if (server) co_await server->stop(clock.deadline_in(config().server.drain_timeout));
  EDDA_FAILPOINT("stop.no_requests");
  if (tasks) co_await tasks->stop();
  if (batches) co_await batches->stop();
  if (dispatcher) co_await dispatcher->stop();
  EDDA_FAILPOINT("stop.no_steps");
  if (lane) co_await lane->stop();
  EDDA_FAILPOINT("stop.no_turns");
}

Application::Application(config::Loaded loaded, RunOptions options)
    : parts_(std::make_unique<Parts>(std::move(loaded), options)) {}

Application::~Application() = default;

Result<Started> Application::start() {
  Parts& parts = *parts_;
  TRY_VOID(parts.open_store());
  TRY_VOID(parts.open_gateway());
  parts.build_engine();
  Result<Started> started = fail(Errc::internal, "not started");
  bool done = false;
  asio::co_spawn(parts.io, parts.start(), [&](std::exception_ptr failure, Result<Started> result) {
    if (failure) std::rethrow_exception(failure);
    started = std::move(result);
    done = true;
  });
  while (!done) parts.io.run_one();
  if (!started) {
    asio::co_spawn(parts.io, parts.stop(), [](std::exception_ptr) {});
    parts.io.run();
  }
  return started;
}

void Application::run() {
  parts_->io.restart();
  parts_->io.run();
}

void Application::request_stop() {
  asio::co_spawn(parts_->io, parts_->stop(), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
}

Result<void> Application::import_user(const accounts::ImportedUser& user) {
  auto imported = asio::co_spawn(
      parts_->io, parts_->accounts->import_user({.reason = "import"}, user, parts_->soon()), asio::use_future);
  auto result = imported.get();
  if (!result) return std::unexpected(result.error());
  return {};
}

}  // namespace edda::wiring

#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "accounts/account_service.hpp"
#include "crypto/token_signer.hpp"
#include "http/routes/api.hpp"
#include "http/server.hpp"
#include "lanes/epochs.hpp"
#include "lanes/lane.hpp"
#include "products/product_service.hpp"
#include "products/tracked_products.hpp"
#include "memory/event_store.hpp"
#include "memory/lock_service.hpp"
#include "memory/rate_limiter.hpp"
#include "memory/scripted_gateway.hpp"
#include "memory/users.hpp"
#include "operators/operator_service.hpp"
#include "orders/order_service.hpp"
#include "owner/commit_signal.hpp"
#include "owner/dispatcher.hpp"
#include "support/quiet_log.hpp"
#include "owner/gateway_executor.hpp"
#include "owner/step_router.hpp"
#include "owner/stock_executor.hpp"
#include "system/clock.hpp"
#include "system/random.hpp"

namespace edda::http {

/// The machine's clocks, shifted: who sleeps on it moves it instead of waiting.
class JumpingClock final : public Clock {
 public:
  Timestamp now() override { return real_.now() + microseconds(shift_.load()); }
  SteadyTime steady_now() override { return real_.steady_now() + microseconds(shift_.load()); }
  Task<void> sleep_until(SteadyTime at) override;
  void advance(microseconds by) { shift_ += by.count(); }

 private:
  system::SystemClock real_;
  std::atomic<std::int64_t> shift_{0};
};

/// Keeps passwords as they are: hashing is tested elsewhere.
class PlainHasher final : public PasswordHasher {
 public:
  Task<Result<std::string>> hash(std::string password, Deadline) override { co_return "plain:" + password; }
  Task<Result<PasswordCheck>> verify(std::string password, std::string hash, Deadline) override {
    co_return PasswordCheck{.matches = hash == "plain:" + password, .outdated = false};
  }
  std::string dummy_hash() const override { return "none"; }
};

class PlainSecrets final : public SecretRandom {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random_.next());
  }

 private:
  system::SystemRandom random_;
};

class TestLifecycle final : public Lifecycle {
 public:
  bool accepting() const override { return accepting_now; }
  std::chrono::seconds uptime() const override { return std::chrono::seconds(7); }
  std::size_t resident_bytes() const override { return 1; }
  std::vector<Component> components() const override { return parts; }

  std::atomic<bool> accepting_now = true;
  std::vector<Component> parts{{"lanes", Component::Status::up, "1 lane"},
                               {"kafka", Component::Status::not_configured, ""}};
};

/// One answer as a client got it.
struct Answer {
  int status = 0;
  std::string head;
  std::string body;

  /// The body as JSON; a failed test and null when it is none.
  boost::json::value json() const;
  /// Empty when there is none.
  std::string header(std::string_view name) const;
};

class Harness;

/// Somebody who calls the API: with a token, or nobody.
class Caller {
 public:
  Caller(const Harness& harness, std::string token = "", std::string user = "")
      : harness_(&harness), token_(std::move(token)), user_(std::move(user)) {}

  /// Headers are whole lines ("If-Match: \"1\""). A body is sent as application/json.
  Answer call(std::string_view method, std::string_view target, std::string_view body = "",
              const std::vector<std::string>& headers = {}) const;
  Answer get(std::string_view target, const std::vector<std::string>& headers = {}) const {
    return call("GET", target, "", headers);
  }
  Answer post(std::string_view target, std::string_view body = "", const std::vector<std::string>& headers = {}) const {
    return call("POST", target, body, headers);
  }

  const std::string& token() const { return token_; }
  const std::string& user() const { return user_; }

 private:
  const Harness* harness_;
  std::string token_;
  std::string user_;  ///< id
};

/// The whole server on a free loopback port: real services, lane and dispatcher over the memory store and a scripted
/// gateway. Everything runs on one thread of its own; tests talk to it through the port, and to its parts that are
/// callable from any thread.
class Harness {
 public:
  using AddRoutes = std::function<void(Router&, Api&)>;
  explicit Harness(ApiSettings settings = {}, AddRoutes add_more_routes = {});
  ~Harness();

  std::uint16_t port() const { return server_->port(); }
  Caller nobody() const { return Caller(*this); }
  /// A new user, signed in.
  Caller sign_up(const std::string& name, Role role = Role::customer);
  /// Runs a task on the server's thread.
  template <class T>
  T run(Task<T> task) {
    return boost::asio::co_spawn(context_, std::move(task), boost::asio::use_future).get();
  }
  Deadline deadline() { return clock.deadline_in(std::chrono::seconds(60)); }

  boost::asio::io_context& context() { return context_; }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ =
      boost::asio::make_work_guard(context_);

 public:
  system::SystemClock clock;
  JumpingClock api_clock;  ///< what the routes look at
  system::SystemRandom random;
  PlainSecrets secrets;
  PlainHasher passwords;
  memory::MemoryEventStore store;
  memory::MemoryUserStore users;
  memory::MemoryLockService locks{clock, 1000};
  memory::MemoryRateLimiter limiter{clock, 1000};
  memory::ScriptedGateway gateway;
  crypto::JwtSigner tokens{
      {.access_secret = "access-secret-access-secret-access", .refresh_secret = "refresh-secret-refresh-secret-refr"}};
  accounts::AccountService accounts{{users, passwords, tokens, secrets, limiter, clock, random}, {}};
  owner::CommitSignal commits;
  TestLifecycle lifecycle;
  lanes::Epochs epochs{1};
  owner::GatewayExecutor gateway_steps{gateway};
  owner::StockExecutor stock_steps{store};
  owner::StepRouter steps{gateway_steps, stock_steps};
  testing_support::QuietLog log;
  owner::Dispatcher dispatcher{context_.get_executor(), store, steps, epochs, clock, random, log, {.node = "node-1"}};
  products::TrackedProducts tracked;
  lanes::Lane lane;
  products::ProductService products{lane, store};
  /// An order above this waits for an approval.
  static constexpr std::int64_t approval_above_minor = 900'000'000'000;
  orders::OrderService orders{lane, store, clock, random, [] { return true; }, &tracked, {.approval_above = approval_above_minor}};
  operators::OperatorService operators{{lane, store, operators::audit_by(accounts), clock, random, log}};
  Api api;

 private:
  Router router_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

/// Asks again until `condition` holds; a failed test after a minute.
void eventually(std::string_view what, const std::function<bool()>& condition);

/// The value at a JSON pointer; a failed test and null when there is none.
boost::json::value at(const boost::json::value& json, std::string_view pointer);
/// The text at a JSON pointer; a failed test and "" when there is none.
std::string text_at(const boost::json::value& json, std::string_view pointer);
/// The names of an object's members, sorted and joined by blanks.
std::string fields_of(const boost::json::value& json);

/// A test with a harness of its own.
class ApiTest : public testing::Test {
 protected:
  /// A body for the unversioned POST /orders: one line of one product.
  static std::string order_body(std::string_view product, std::string_view price = "10");
  /// Places it and returns the order's id.
  static std::string place(const Caller& caller, std::string_view product, std::string_view price = "10");
  /// Asks GET /orders/{id} until the order is in that state.
  static void wait_for_status(const Caller& caller, const std::string& order, std::string_view status);
  void decline_next_charge();

  Harness harness;
};

}  // namespace edda::http

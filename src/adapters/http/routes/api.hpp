#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.hpp"
#include "http/message.hpp"
#include "http/router.hpp"
#include "ports/clock.hpp"

namespace edda {
class EventStore;
class LockService;
class ReadModels;
}  // namespace edda
namespace edda::accounts {
class AccountService;
}
namespace edda::operators {
class OperatorService;
}
namespace edda::orders {
class OrderService;
}
namespace edda::owner {
class CommitSignal;
}
namespace edda::products {
class ProductService;
}

namespace edda::http {

/// Demo and development are open where production is shut.
enum class Mode { demo, development, production };
std::string_view to_string(Mode mode);

/// What makes a second order on the unversioned routes a duplicate.
enum class Duplicates {
  product,  ///< the same set of products, or the same idempotencyKey, by anybody, for ever (the replaced system's rule)
  key,      ///< the same idempotencyKey only
};

struct ApiSettings {
  Mode mode = Mode::development;
  Currency currency = {};  ///< of prices on the unversioned routes
  Duplicates old_duplicates = Duplicates::product;
  bool open_test_routes = true;                      ///< redis-test, db-test, kafka-test, db-pool; else the administrator's
  std::chrono::milliseconds request_deadline{5'000};  ///< for everything one request waits for
  std::string node_id = "node-1";
  std::string version = "0.0.0";
  std::string commit = "unknown";
  std::string compiler = "unknown";
  std::string database_name = "edda";  ///< as /health shows it: never a path, an address or a user
  bool simulated_gateway = true;       ///< as /health/detailed shows it
};

/// One part of the server and how it is.
struct Component {
  enum class Status { up, degraded, down, not_configured };
  std::string name;  ///< "store", "lanes", "dispatcher", "payment_gateway", "redis", "kafka"
  Status status = Status::up;
  std::string detail = {};
};
std::string_view to_string(Component::Status status);

/// How the process is, as its runtime knows it.
/// Thread-safety: called on the I/O thread.
class Lifecycle {
 public:
  virtual ~Lifecycle() = default;
  /// False before everything has started and from the moment the server is told to stop.
  virtual bool accepting() const = 0;
  virtual std::chrono::seconds uptime() const = 0;
  virtual std::size_t resident_bytes() const = 0;
  /// Every part but the database, which the routes ask themselves.
  virtual std::vector<Component> components() const = 0;
};

/// What the routes work on. Lifetime: everything referred to outlives the router.
struct Api {
  orders::OrderService& orders;
  products::ProductService& products;
  operators::OperatorService& operators;
  ReadModels& views;
  EventStore& store;
  accounts::AccountService& accounts;
  LockService& locks;  ///< the duplicate filter; never decides anything
  Clock& clock;
  Random& random;
  Lifecycle& lifecycle;
  owner::CommitSignal& commits;
  ApiSettings settings;

  Deadline deadline() const { return clock.deadline_in(settings.request_deadline); }
};

/// The routes of the replaced system, to the field and the status code, with GET / and /health.
void add_old_routes(Router& router, Api& api);
/// Bearer tokens by AccountService::authenticate.
void add_authentication(Router& router, Api& api);

}  // namespace edda::http

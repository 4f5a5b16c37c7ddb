#pragma once

#include <chrono>
#include <functional>

#include "maintenance/verify_report.hpp"
#include "ports/clock.hpp"
#include "ports/event_store.hpp"
#include "ports/gateway_ledger.hpp"
#include "ports/read_models.hpp"
#include "ports/store_check.hpp"
#include "ports/view_rebuild.hpp"

namespace edda::maintenance {

/// What a verification reads. `ledger` is null where the gateway is not the simulator.
struct VerifySources {
  EventStore& store;
  ReadModels& views;
  ViewRebuild& rebuild;
  StoreCheck& log;
  GatewayLedger* ledger = nullptr;
  Clock& clock;
};

struct VerifySettings {
  /// An order still on its way after this is mentioned. Every try of a gateway step and its voiding fit in two minutes.
  std::chrono::seconds late_after{600};
};

/// Looks whether the promises of the design hold, while the system goes on serving: the log has no gap; the views equal the log; every
/// live saga has a next move (R18); every order ends; money adds up (promise 5); what products hold is what orders
/// reserved; the simulated gateway's ledger agrees with the log.
///
/// Two passes. The comparison of the views folds every stream once, and this looks at each saga on the way. Then orders and payments
/// are paged through side by side, newest first: where the two rows of an order show it at rest, they are enough (they were just found
/// equal to the log); every other order is folded whole as of one position and judged by that, so nothing that merely moved between
/// two reads is taken for a fault. Memory: two pages of rows, the ids of orders with a live saga, one bit an entry of the ledger,
/// the ids of orders that hold stock.
class Verifier {
 public:
  explicit Verifier(VerifySources sources, VerifySettings settings = {}) : sources_(sources), settings_(settings) {}

  /// Errors: those of the sources, and already_exists while the views are being rebuilt. What is found is in the report, not an error.
  Task<Result<VerifyReport>> run(std::function<void(std::int64_t streams_done)> progress, Deadline deadline);

 private:
  VerifySources sources_;
  VerifySettings settings_;
};

}  // namespace edda::maintenance

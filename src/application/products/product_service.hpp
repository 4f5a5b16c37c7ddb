#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lanes/turns.hpp"
#include "orders/client_key.hpp"
#include "ports/event_store.hpp"
#include "ports/task.hpp"
#include "stock/stock.hpp"

namespace edda::products {

/// A product as a command left it; also when the answer is a replay.
struct Answer {
  Stored<ProductRow> product;
  bool replayed = false;
};
/// One change of what is on hand.
struct Adjustment {
  std::string product;
  stock::StockAdjusted adjusted;
  StreamVersion version;  ///< of the product, right after it
  Timestamp at;
  bool replayed = false;
};

/// What merchants do with their products. Each call is one turn, answered after its commit. Who may do what is the caller's to check.
/// Errors of all calls: overloaded, unavailable, outcome_unknown; not_found where there is no such product; rejected, `reason` names the
/// domain's refusal ("already_exists", "insufficient_stock" ...); already_exists with reason "idempotency_key_reused";
/// version_conflict (`expected_version`, of the product's stream).
/// Thread-safety: callable from any thread.
class ProductService {
 public:
  ProductService(lanes::Turns& lane, EventStore& store) : lane_(lane), store_(store) {}

  Task<Result<Answer>> create(stock::CreateProduct product, std::optional<orders::ClientKey> key, Deadline deadline);
  Task<Result<Answer>> change(std::string product, stock::ChangeProduct change,
                              std::optional<StreamVersion> expected_version, Deadline deadline);
  Task<Result<Adjustment>> adjust(std::string product, stock::AdjustStock adjust, std::optional<orders::ClientKey> key,
                                  Deadline deadline);

 private:
  Task<lanes::TurnAnswer> submit(std::string_view product, stock::Command command,
                                 const std::optional<orders::ClientKey>& key, std::optional<StreamVersion> expected_version,
                                 Deadline deadline);
  Task<Result<Answer>> answer_of(stock::State state, Deadline deadline);
  Task<Result<Answer>> replay_creation(lanes::Replay stored, Deadline deadline);
  Task<Result<Adjustment>> replay_adjustment(std::string product, lanes::Replay stored, Deadline deadline);

  lanes::Turns& lane_;
  EventStore& store_;
};

}  // namespace edda::products

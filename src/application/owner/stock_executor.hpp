#pragma once

#include <optional>
#include <string>

#include "lanes/turns.hpp"
#include "ports/event_store.hpp"
#include "ports/step_executor.hpp"
#include "stock/stock.hpp"

namespace edda::owner {

/// Reserves and releases stock: a step whose other side is another shard of the same store. Each line of the order is a turn on its product,
/// appended by the saga's owner itself, with a command row under a key that follows from the step's (R20); no message goes between nodes.
///
/// All lines are reserved, or none: where one is declined, the others are given back before this answers. Whatever is repeated, by
/// this owner or a later one, meets the command rows of what was done before and answers the same. A release names the reservation's
/// key, not its own: a void, a compensation and a cancellation of the same reservation give it back once.
///
/// Nothing is reserved or released in a store of another generation than the request's: a fail-over may have lost the order, and then
/// nobody would ever give back what was reserved for it.
/// Thread-safety: as StepExecutor; the lane may run on another thread.
class StockExecutor : public StepExecutor {
 public:
  explicit StockExecutor(EventStore& store) : store_(store) {}

  /// The lane that takes the turns; set before the first step.
  void connect(lanes::Turns& lane) { lane_ = &lane; }

  Task<GatewayAnswer> perform(StepRequest request, Deadline deadline) override;

 private:
  Task<GatewayAnswer> reserve_all(const StepRequest& request, Deadline deadline);
  Task<Result<void>> release_all(const StepRequest& request, const std::string& forward_key, Deadline deadline);
  Task<Result<void>> release(const StepRequest& request, const std::string& product, std::string key, Deadline deadline);

  /// What the command led to, now or when its key was first used; nullopt where there was nothing to do.
  Task<Result<std::optional<stock::Event>>> ask(const StepRequest& request, const std::string& product, stock::Command command,
                                                const std::string& command_key, Deadline deadline);
  /// What stands under the key. Errors: also corrupt.
  Task<Result<std::optional<stock::Event>>> answered(const std::string& command_key, Deadline deadline);
  Task<Result<stock::Event>> event_at(StreamId stream, StreamVersion version, Deadline deadline);

  EventStore& store_;
  lanes::Turns* lane_ = nullptr;
};

}  // namespace edda::owner

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/money.hpp"
#include "base/result.hpp"
#include "ports/task.hpp"

namespace edda {

/// What the gateway decided under one key. Written once, never changed.
struct LedgerEntry {
  enum class Kind { charge, refund, void_charge };
  enum class Outcome { succeeded, declined };

  std::int64_t number = 0;  ///< its place in the ledger: 1..n without a gap
  Kind kind = Kind::charge;
  Outcome outcome = Outcome::succeeded;
  std::string key;
  Money amount;            ///< nothing for a void
  std::string reference;   ///< the id of this entry's own effect
  std::string charge;      ///< refund, void: the reference of the charge it is about (a voided key would have given it); else empty
};

/// The book of a gateway that keeps one and shows it: the simulator. `edda verify` compares it with the log.
/// Thread-safety: callable from any thread. Errors: unavailable, corrupt.
class GatewayLedger {
 public:
  virtual ~GatewayLedger() = default;

  /// Entries with number > `after`, ascending, at most `limit`.
  virtual Task<Result<std::vector<LedgerEntry>>> read(std::int64_t after, std::size_t limit, Deadline deadline) = 0;

  /// The first entry under `key`; for the key of a charge that was voided, the void.
  virtual Task<Result<std::optional<LedgerEntry>>> find(std::string key, Deadline deadline) = 0;
};

}  // namespace edda

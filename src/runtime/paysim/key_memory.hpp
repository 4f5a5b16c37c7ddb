#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>

#include "gateway/ledger.hpp"
#include "ports/clock.hpp"

namespace edda::paysim {

/// What a gateway knows of idempotency keys beside its ledger: how often each was sent, and when it forgets them.
///
/// A forgotten key is new again. In the ledger, where each line has a key of its own, it goes on as "key~1", "key~2" and so on, so that
/// whoever reads the ledger sees that one key had two effects. A restart remembers every key as if it had come just then.
/// Bounded: of a million keys, what is beyond is neither counted nor forgotten.
/// Thread-safety: none.
class KeyMemory {
 public:
  KeyMemory(gateway::Ledger& ledger, Clock& clock, std::optional<std::chrono::milliseconds> forget_after)
      : ledger_(ledger), clock_(clock), forget_after_(forget_after) {}

  /// Counts a send under the key; returns how many came before.
  int count_send(const std::string& key);

  /// The ledger's key for a request under `key`, which is remembered from now on.
  Task<std::string> take(std::string key);
  /// The ledger's key that stands for `key` now; nullopt when it was forgotten or nothing is known of it.
  Task<std::optional<std::string>> find(std::string key);
  /// Whether something stands in the ledger under that very key.
  Task<bool> stands(std::string ledger_key);

 private:
  struct Known {
    SteadyTime since;
    int forgotten = 0;  ///< times
  };
  static std::string numbered(const std::string& key, int forgotten);
  bool is_old(const Known& known);
  Task<std::optional<Known>> known(std::string key);

  gateway::Ledger& ledger_;
  Clock& clock_;
  const std::optional<std::chrono::milliseconds> forget_after_;
  std::unordered_map<std::string, int> sends_;
  std::unordered_map<std::string, Known> known_;
};

}  // namespace edda::paysim

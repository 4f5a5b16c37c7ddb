#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "maintenance/verify_report.hpp"
#include "ports/gateway_ledger.hpp"
#include "turn/order_case.hpp"

namespace edda::maintenance {

/// Holds the gateway's ledger against the log, from both sides: first every captured and refunded amount of the log must have its entry
/// (which is marked), then every entry without a mark must be accounted for. The marks take one bit an entry.
/// Thread-safety: none.
class LedgerCheck {
 public:
  LedgerCheck(GatewayLedger& ledger, VerifyCheck& check) : ledger_(ledger), check_(check) {}

  /// The order behind a saga, folded as it stands now; an empty case when there is none.
  using LoadCase = std::function<Task<Result<turn::OrderCase>>(SagaId)>;

  /// The charge of a captured payment. `saga` is the one that charges: the order's own.
  Task<Result<void>> match_charge(SagaId saga, Money amount, std::string reference, Deadline deadline);
  /// The finished refunds of a payment.
  Task<Result<void>> match_refunds(const turn::OrderCase& state, Deadline deadline);
  /// Every entry: one for each key, well-formed keys, no effect that the log does not know.
  Task<Result<void>> check_entries(LoadCase load_case, Deadline deadline);

 private:
  Task<Result<void>> match(std::string key, LedgerEntry expected, Deadline deadline);
  Task<Result<void>> check_entry(const LedgerEntry& entry, const LoadCase& load_case, Deadline deadline);
  Task<Result<void>> account_for(const LedgerEntry& entry, SagaId saga, const LoadCase& load_case);
  bool mark(std::int64_t number);
  bool is_marked(std::int64_t number) const;

  GatewayLedger& ledger_;
  VerifyCheck& check_;
  std::vector<bool> marks_;
};

}  // namespace edda::maintenance

#pragma once

#include "ports/store_check.hpp"
#include "postgres/pool.hpp"

namespace edda::postgres {

/// A counter that does not say what there is.
struct WrongTotal {
  std::string kind;
  std::string name;
  std::int64_t stored = 0;
  std::int64_t counted = 0;
};
/// All totals that are wrong as of the transaction's instant, however long the counting takes within the deadline.
Task<Result<std::vector<WrongTotal>>> wrong_totals(Connection& connection, Deadline deadline);

/// Begins a transaction that sees one instant.
inline constexpr const char* one_instant = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// Lets a statement of this transaction take as long as the deadline does.
Task<Result<void>> allow_until(Connection& connection, Deadline deadline);

/// Checks what the log must keep by asking the database, which reads it where it lies.
/// Thread-safety: callable from any thread. Lifetime: the pool outlives it.
class PostgresStoreCheck final : public StoreCheck {
 public:
  explicit PostgresStoreCheck(Pool& pool) : pool_(pool) {}

  /// One transaction that sees one instant. While it runs the server cannot remove the dead versions of rows, which is felt on a store
  /// that has to be read for minutes.
  Task<Result<StoreFindings>> check_log(Deadline deadline) override;
  Task<Result<StoreStats>> quick_stats(Deadline deadline) override;

 private:
  Pool& pool_;
};

}  // namespace edda::postgres

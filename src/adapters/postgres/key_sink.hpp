#pragma once

#include "ports/key_table.hpp"
#include "postgres/pool.hpp"

namespace edda::postgres {

/// The keys of a store in PostgreSQL.
/// Thread-safety: callable from any thread. Lifetime: the pool outlives it.
class PostgresKeySink final : public KeySink {
 public:
  explicit PostgresKeySink(Pool& pool) : pool_(pool) {}
  Task<Result<std::vector<KeyEntry>>> read_keys(std::optional<Digest128> after, std::size_t limit,
                                                Deadline deadline) override;
  Task<Result<void>> add_keys(std::vector<KeyEntry> keys, Deadline deadline) override;

 private:
  Pool& pool_;
};

}  // namespace edda::postgres

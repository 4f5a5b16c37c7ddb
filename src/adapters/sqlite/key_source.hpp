#pragma once

#include "ports/key_table.hpp"
#include "sqlite/database.hpp"

namespace edda::sqlite {

/// The keys of a store in a file.
/// Thread-safety: callable from any thread. Lifetime: the database outlives it.
class SqliteKeySource final : public KeySource {
 public:
  explicit SqliteKeySource(Database& database) : database_(database) {}
  Task<Result<std::vector<KeyEntry>>> read_keys(std::optional<Digest128> after, std::size_t limit,
                                                Deadline deadline) override;

 private:
  Database& database_;
};

}  // namespace edda::sqlite

#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "bench/made_turns.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/write_statements.hpp"

namespace edda::bench {

/// The limit that Edda is measured by: one connection of the same schema, pragmas and statements, that only writes rows made
/// beforehand. Nothing is checked, decided, encoded, served or answered.
class BareStore {
 public:
  /// A new file in `folder`. Errors: unavailable.
  static Result<std::unique_ptr<BareStore>> open(const std::filesystem::path& folder);

  /// One durable transaction, and the log's checkpoint when it is due.
  Result<void> write(const MadeBatch& batch);

 private:
  BareStore(sqlite::Connection connection, sqlite::WriteStatements statements)
      : connection_(std::move(connection)), statements_(std::move(statements)) {}
  Result<void> write_turn(const MadeTurn& made);

  sqlite::Connection connection_;
  sqlite::WriteStatements statements_;
  std::int64_t place_ = 0;
};

}  // namespace edda::bench

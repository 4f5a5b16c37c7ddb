#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "ports/task.hpp"
#include "sqlite/statement.hpp"

struct sqlite3;

namespace edda::sqlite {

enum class Access {
  read_write,  ///< creates the file; write-ahead log, synchronous=FULL, checkpoints only when asked
  read_only,   ///< never writes, never checkpoints
};

struct ConnectionOptions {
  Access access = Access::read_only;
  std::int64_t cache_kib = 4096;  ///< of the connection's own page cache
};

enum class CheckpointMode {
  passive,   ///< copies what readers do not hold back; waits for nobody
  restart,   ///< also waits shortly for readers, so that the log starts again from its beginning
  truncate,  ///< as restart, and cuts the log's file to nothing
};

/// One SQLite connection with its prepared statements.
/// Thread-safety: none; used by one thread at a time.
class Connection {
 public:
  /// Errors: unavailable, corrupt.
  static Result<Connection> open(const std::filesystem::path& file, ConnectionOptions options);

  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  /// A statement prepared once for each text and kept as long as the connection; for queries whose text varies little.
  Result<Statement*> statement(std::string_view sql);
  /// A statement that the caller keeps; it must go before the connection.
  Result<Statement> prepare(std::string_view sql);
  /// Runs one or more statements without parameters.
  Result<void> execute(const std::string& sql);
  /// The first column of the first row, as an integer; 0 when there is no row.
  Result<std::int64_t> integer(const std::string& sql);

  /// Rows that the last statement inserted, changed or deleted.
  std::int64_t changes() const;
  bool in_transaction() const;

  /// Pages in the write-ahead log after the last commit of this connection.
  std::int64_t wal_pages() const;
  Result<void> checkpoint(CheckpointMode mode);

  /// For functions of SQLite that have no other face here.
  sqlite3* native() const;

  /// Queries end as unavailable once this has passed; none lifts the limit.
  void set_deadline(std::optional<Deadline> deadline);

 private:
  struct State;
  explicit Connection(std::unique_ptr<State> state);
  Result<void> configure(const ConnectionOptions& options);

  std::unique_ptr<State> state_;
};

/// A write transaction: begun at once as a writer (BEGIN IMMEDIATE), rolled back unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Connection& connection);
  Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction() { rollback(); }

  /// Errors: unavailable (surely not written: rolled back); outcome_unknown (the disk failed while it was told to keep
  /// the data).
  Result<void> commit();
  void rollback();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

}  // namespace edda::sqlite

#include "sqlite/connection.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <mutex>

#include "sqlite/sqlite_error.hpp"

namespace edda::sqlite {
namespace {

// Virtual-machine steps between two looks at the clock: some tens of microseconds.
constexpr int steps_between_deadline_checks = 4000;
// How long a restarting checkpoint waits for readers. Their queries are bounded by deadlines, but most end in well
// under this.
constexpr int reader_wait_ms = 100;
// A log that outgrew this (a long reader held it back) is cut to it when it starts again.
constexpr std::int64_t wal_file_bytes_kept = 64 * 1024 * 1024;

int checkpoint_flag(CheckpointMode mode) {
  switch (mode) {
    case CheckpointMode::passive:
      return SQLITE_CHECKPOINT_PASSIVE;
    case CheckpointMode::restart:
      return SQLITE_CHECKPOINT_RESTART;
    case CheckpointMode::truncate:
      return SQLITE_CHECKPOINT_TRUNCATE;
  }
  return SQLITE_CHECKPOINT_PASSIVE;
}

/// SQLite's own count of its memory costs a lock at each allocation, and nobody reads it. Must come before its first use.
void leave_memory_uncounted() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

}  // namespace

struct Connection::State {
  sqlite3* db = nullptr;
  std::int64_t wal_pages = 0;
  std::optional<Deadline> deadline;
  std::map<std::string, Statement, std::less<>> statements;

  ~State() {
    statements.clear();
    sqlite3_close_v2(db);
  }

  static int on_commit(void* self, sqlite3*, const char*, int pages) {
    static_cast<State*>(self)->wal_pages = pages;
    return SQLITE_OK;
  }
  static int on_progress(void* self) {
    return std::chrono::steady_clock::now() > static_cast<State*>(self)->deadline->at ? 1 : 0;
  }
};

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Connection> Connection::open(const std::filesystem::path& file, ConnectionOptions options) {
  leave_memory_uncounted();
  Connection connection(std::make_unique<State>());
  const int access =
      options.access == Access::read_write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  sqlite3*& db = connection.state_->db;
  const int code = sqlite3_open_v2(file.c_str(), &db, access | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error_of(code, db));
  TRY_VOID(connection.configure(options));
  return connection;
}

Result<void> Connection::configure(const ConnectionOptions& options) {
  sqlite3* db = state_->db;
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, reader_wait_ms);
  // Only the writer may checkpoint: two connections doing so can damage the file before SQLite 3.51.3.
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  TRY_VOID(execute(
      fmt::format("PRAGMA cache_size=-{}; PRAGMA mmap_size=0; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;",
                  options.cache_kib)));
  if (options.access == Access::read_only) return execute("PRAGMA query_only=ON;");
  TRY_VOID(
      execute(fmt::format("PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                          "PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit={};",
                          wal_file_bytes_kept)));
  // After the pragma above, which would put its own hook in this one's place.
  sqlite3_wal_hook(db, &State::on_commit, state_.get());
  return {};
}

Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(state_->db, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &raw, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error_of(code, state_->db));
  return Statement(raw);
}

Result<Statement*> Connection::statement(std::string_view sql) {
  if (const auto found = state_->statements.find(sql); found != state_->statements.end()) return &found->second;
  TRY(Statement prepared, prepare(sql));
  return &state_->statements.emplace(std::string(sql), std::move(prepared)).first->second;
}

Result<void> Connection::execute(const std::string& sql) {
  const int code = sqlite3_exec(state_->db, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error_of(code, state_->db));
  return {};
}

Result<std::int64_t> Connection::integer(const std::string& sql) {
  TRY(Statement query, prepare(sql));
  Rows rows = query.query();
  TRY(const bool found, rows.next());
  return found ? rows.integer(0) : 0;
}

std::int64_t Connection::changes() const { return sqlite3_changes64(state_->db); }

bool Connection::in_transaction() const { return sqlite3_get_autocommit(state_->db) == 0; }

std::int64_t Connection::wal_pages() const { return state_->wal_pages; }

Result<void> Connection::checkpoint(CheckpointMode mode) {
  int pages_in_log = 0;
  int pages_copied = 0;
  const int code = sqlite3_wal_checkpoint_v2(state_->db, nullptr, checkpoint_flag(mode), &pages_in_log, &pages_copied);
  // Busy means that a reader still holds part of the log: what could be copied has been.
  if (code != SQLITE_OK && code != SQLITE_BUSY) return std::unexpected(error_of(code, state_->db));
  if (pages_copied >= pages_in_log) state_->wal_pages = 0;
  return {};
}

sqlite3* Connection::native() const { return state_->db; }

void Connection::set_deadline(std::optional<Deadline> deadline) {
  state_->deadline = deadline;
  if (deadline) {
    sqlite3_progress_handler(state_->db, steps_between_deadline_checks, &State::on_progress, state_.get());
  } else {
    sqlite3_progress_handler(state_->db, 0, nullptr, nullptr);
  }
}

Result<Transaction> Transaction::begin(Connection& connection) {
  TRY(Statement * begin, connection.statement("BEGIN IMMEDIATE"));
  TRY_VOID(begin->run());
  return Transaction(connection);
}

Result<void> Transaction::commit() {
  TRY(Statement * commit, connection_->statement("COMMIT"));
  auto done = commit->run();
  if (!done) {
    rollback();
    // The log's pages may have reached the disk although the call failed, and a recovery after a crash would find them.
    if (done.error().reason == "store_io") done.error().code = Errc::outcome_unknown;
    return done;
  }
  connection_ = nullptr;
  return {};
}

void Transaction::rollback() {
  if (connection_ == nullptr) return;
  // SQLite has rolled back by itself after some errors; then there is nothing left to do.
  if (connection_->in_transaction()) (void)connection_->execute("ROLLBACK");
  connection_ = nullptr;
}

}  // namespace edda::sqlite

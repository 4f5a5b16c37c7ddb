#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.hpp"
#include "ports/task.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/fair_mutex.hpp"
#include "sqlite/folder_lock.hpp"
#include "sqlite/migrations.hpp"
#include "sqlite/worker_pool.hpp"

namespace edda::sqlite {

struct DatabaseOptions {
  std::filesystem::path folder;
  std::int64_t writer_cache_kib = 24 * 1024;
  std::int64_t reader_cache_kib = 4 * 1024;
  std::size_t reader_threads = 2;
  std::size_t reader_queue_max = 512;
  std::size_t writer_queue_max = 128;
  /// The write-ahead log is copied into the file once it has this many pages of 4 KiB: fewer means more pages written
  /// twice, more means longer stalls. Measured: 1,000 costs a fifth of the throughput; at 6,000 the stall alone is the
  /// p99 (docs/performance.md).
  std::int64_t checkpoint_pages = 3000;
};

/// The file `edda.sqlite3` of one data folder: one connection that writes and checkpoints, and a few threads that only
/// read. (Two connections that write or checkpoint can damage the file before SQLite 3.51.3.) Thread-safety: callable
/// from any thread.
class Database {
 public:
  /// Takes the folder's lock, opens the file and brings its schema up to date.
  /// Errors: already_exists (another process serves the folder), invalid_argument (a newer schema), unavailable,
  /// corrupt.
  static Result<std::unique_ptr<Database>> open(DatabaseOptions options);
  ~Database() { close(); }

  /// The writer's connection for as long as this lives. Whoever writes through it calls `committed()` afterwards.
  class Writer {
   public:
    explicit Writer(Database& database) : database_(database), guard_(database.writer_mutex_) {}
    Connection& connection() { return *database_.writer_; }
    /// Has the log copied into the file soon, by another thread, when it has grown enough.
    void committed() { database_.checkpoint_when_due(); }

   private:
    Database& database_;
    std::lock_guard<FairMutex> guard_;
  };

  /// Runs `work(Connection&) -> Result<T>` in one transaction on the writer's thread, committed if it returns a value.
  /// Errors besides the work's: unavailable, overloaded and cancelled (surely not done), outcome_unknown.
  template <class Work>
  Task<std::invoke_result_t<Work&, Connection&>> write(Work work, Deadline deadline) {
    co_return co_await writer_pool_->run(
        [this, work = std::move(work)](std::size_t) mutable { return write_now(work); }, deadline);
  }

  /// As `write`, on the calling thread.
  template <class Work>
  std::invoke_result_t<Work&, Connection&> write_now(Work& work) {
    Writer writer(*this);
    TRY(Transaction transaction, Transaction::begin(writer.connection()));
    auto result = work(writer.connection());
    if (!result) return result;
    TRY_VOID(transaction.commit());
    writer.committed();
    return result;
  }

  /// Runs `work(Connection&) -> Result<T>` on a reading thread, all of it on one snapshot of the store.
  /// Errors besides the work's: overloaded (queue full or deadline passed), unavailable, cancelled.
  template <class Work>
  Task<std::invoke_result_t<Work&, Connection&>> read(Work work, Deadline deadline) {
    co_return co_await reader_pool_->run(
        [this, deadline,
         work = std::move(work)](std::size_t worker) mutable -> std::invoke_result_t<Work&, Connection&> {
          Connection& connection = readers_[worker];
          TRY(ReadSnapshot snapshot, ReadSnapshot::begin(connection, deadline));
          return work(connection);
        },
        deadline);
  }

  /// Runs `work() -> Result<T>` on a reading thread, without a snapshot.
  /// Errors besides the work's: as of `read`.
  template <class Work>
  Task<std::invoke_result_t<Work&>> aside(Work work, Deadline deadline) {
    co_return co_await reader_pool_->run([work = std::move(work)](std::size_t) mutable { return work(); }, deadline);
  }

  const DatabaseOptions& options() const { return options_; }
  std::filesystem::path file() const { return options_.folder / "edda.sqlite3"; }
  std::int64_t wal_file_bytes() const;

  /// Finishes queued work, copies the whole log into the file and closes it. Nothing may be called afterwards.
  void close();

 private:
  class ReadSnapshot {
   public:
    static Result<ReadSnapshot> begin(Connection& connection, Deadline deadline);
    ReadSnapshot(ReadSnapshot&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
    ~ReadSnapshot();

   private:
    explicit ReadSnapshot(Connection& connection) : connection_(&connection) {}
    Connection* connection_;
  };

  Database(DatabaseOptions options, FolderLock lock) : options_(std::move(options)), lock_(std::move(lock)) {}
  Result<void> open_connections();
  void checkpoint_when_due();
  void checkpoint_now();

  const DatabaseOptions options_;
  FolderLock lock_;
  FairMutex writer_mutex_;
  std::optional<Connection> writer_;  // guarded by writer_mutex_
  bool checkpoint_queued_ = false;    // guarded by writer_mutex_
  std::vector<Connection> readers_;   // one for each reading thread
  std::unique_ptr<WorkerPool> writer_pool_;
  std::unique_ptr<WorkerPool> reader_pool_;
};

}  // namespace edda::sqlite

#include "sqlite/database.hpp"

namespace edda::sqlite {
namespace {

// A log this many times over its mark is held back by a reader: wait for it, then begin the log anew.
constexpr std::int64_t overgrown_factor = 4;

}  // namespace

Result<std::unique_ptr<Database>> Database::open(DatabaseOptions options) {
  TRY(FolderLock lock, FolderLock::acquire(options.folder));
  std::unique_ptr<Database> database(new Database(std::move(options), std::move(lock)));
  TRY_VOID(database->open_connections());
  return database;
}

Result<void> Database::open_connections() {
  TRY(Connection writer,
      Connection::open(file(), {.access = Access::read_write, .cache_kib = options_.writer_cache_kib}));
  TRY_VOID(migrate(writer));
  writer_.emplace(std::move(writer));
  for (std::size_t i = 0; i < options_.reader_threads; ++i) {
    TRY(Connection reader,
        Connection::open(file(), {.access = Access::read_only, .cache_kib = options_.reader_cache_kib}));
    readers_.push_back(std::move(reader));
  }
  writer_pool_ = std::make_unique<WorkerPool>("edda-write", 1, options_.writer_queue_max);
  reader_pool_ = std::make_unique<WorkerPool>("edda-read", options_.reader_threads, options_.reader_queue_max);
  return {};
}

std::int64_t Database::wal_file_bytes() const {
  std::error_code missing;
  const auto bytes = std::filesystem::file_size(file().concat("-wal"), missing);
  return missing ? 0 : static_cast<std::int64_t>(bytes);
}

// On the writing pool's thread, so that whoever committed is answered before the copying starts.
void Database::checkpoint_when_due() {
  if (checkpoint_queued_ || writer_->wal_pages() < options_.checkpoint_pages) return;
  checkpoint_queued_ = writer_pool_->try_post([this] { checkpoint_now(); });
}

void Database::checkpoint_now() {
  const std::lock_guard guard(writer_mutex_);
  checkpoint_queued_ = false;
  const bool overgrown = writer_->wal_pages() > overgrown_factor * options_.checkpoint_pages;
  // A failure loses nothing: the log keeps what was not copied, and the next commit asks again.
  (void)writer_->checkpoint(overgrown ? CheckpointMode::restart : CheckpointMode::passive);
}

void Database::close() {
  if (reader_pool_) reader_pool_->stop();
  if (writer_pool_) writer_pool_->stop();
  readers_.clear();
  const std::lock_guard guard(writer_mutex_);
  if (writer_) (void)writer_->checkpoint(CheckpointMode::truncate);
  writer_.reset();
}

Result<Database::ReadSnapshot> Database::ReadSnapshot::begin(Connection& connection, Deadline deadline) {
  TRY(Statement * begin, connection.statement("BEGIN"));
  TRY_VOID(begin->run());
  connection.set_deadline(deadline);
  return ReadSnapshot(connection);
}

Database::ReadSnapshot::~ReadSnapshot() {
  if (connection_ == nullptr) return;
  connection_->set_deadline(std::nullopt);
  if (connection_->in_transaction()) (void)connection_->execute("ROLLBACK");
}

}  // namespace edda::sqlite

#include "sqlite/backup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <memory>

#include "sqlite/sqlite_error.hpp"

namespace edda::sqlite {
namespace {

// Of 4 KiB. A step takes some milliseconds, in which nobody writes.
constexpr int pages_a_step = 512;
constexpr std::int64_t pages_a_mib = 256;

Result<void> flush(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool done = file >= 0 && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  if (!done) return fail(Errc::unavailable, fmt::format("{} cannot be flushed to the disk", path.native()));
  return {};
}

/// A copy in the making, beside the place where it will stand.
class Copy {
 public:
  Copy(Database& database, std::filesystem::path to) : database_(database), to_(std::move(to)), part_(to_.native() + ".part") {}
  Copy(const Copy&) = delete;
  ~Copy() {
    if (backup_ != nullptr) {
      const Database::Writer writer(database_);
      sqlite3_backup_finish(backup_);
    }
    sqlite3_close_v2(target_);
    std::error_code ignored;
    std::filesystem::remove(part_, ignored);
  }

  Result<void> begin() {
    std::error_code failed;
    if (std::filesystem::exists(to_, failed)) return fail(Errc::already_exists, to_.native() + " exists already");
    std::filesystem::remove(part_, failed);
    const int code = sqlite3_open_v2(part_.c_str(), &target_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    if (code != SQLITE_OK) return std::unexpected(error_of(code, target_));
    // Until it is whole it is worth nothing: one flush at the end.
    TRY_VOID(run("PRAGMA synchronous=OFF"));
    Database::Writer writer(database_);
    backup_ = sqlite3_backup_init(target_, "main", writer.connection().native(), "main");
    if (backup_ == nullptr) return std::unexpected(error_of(sqlite3_errcode(target_), target_));
    return {};
  }

  /// Copies some more; true when the copy is as the store is. Nobody but the writer's connection writes to the store, and SQLite brings
  /// what was copied already up to date with that.
  Result<bool> step(const std::function<void()>& at_end) {
    Database::Writer writer(database_);
    const int code = sqlite3_backup_step(backup_, pages_a_step);
    copied_ = sqlite3_backup_pagecount(backup_) - sqlite3_backup_remaining(backup_);
    if (code == SQLITE_OK) return false;
    if (code != SQLITE_DONE) return std::unexpected(error_of(code, target_));
    sqlite3_backup_finish(std::exchange(backup_, nullptr));
    at_end();
    return true;
  }

  /// Gives it its place, safely on the disk.
  Result<std::int64_t> keep() {
    TRY_VOID(run("UPDATE store SET generation = zeroblob(16)"));
    TRY_VOID(run("PRAGMA journal_mode=DELETE"));  // no log beside it; whoever opens it as a store begins one
    sqlite3_close_v2(std::exchange(target_, nullptr));
    TRY_VOID(flush(part_));
    std::error_code failed;
    const auto bytes = std::filesystem::file_size(part_, failed);
    if (!failed) std::filesystem::rename(part_, to_, failed);
    if (failed) return fail(Errc::unavailable, fmt::format("{} cannot be written: {}", to_.native(), failed.message()));
    TRY_VOID(flush(to_.parent_path()));
    return static_cast<std::int64_t>(bytes);
  }

  std::int64_t copied() const { return copied_; }

 private:
  Result<void> run(const char* sql) {
    const int code = sqlite3_exec(target_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return std::unexpected(error_of(code, target_));
    return {};
  }

  Database& database_;
  const std::filesystem::path to_;
  const std::filesystem::path part_;
  sqlite3* target_ = nullptr;
  sqlite3_backup* backup_ = nullptr;
  std::int64_t copied_ = 0;  ///< pages
};

}  // namespace

Task<Result<std::int64_t>> back_up(Database& database, std::filesystem::path to, std::function<void(std::int64_t)> progress,
                                   std::function<void()> at_end, Deadline deadline) {
  const auto copy = std::make_shared<Copy>(database, std::move(to));
  CO_TRY_VOID(co_await database.aside([copy] { return copy->begin(); }, deadline));
  for (bool whole = false; !whole;) {
    CO_TRY(whole, co_await database.aside([copy, &at_end] { return copy->step(at_end); }, deadline));
    progress(copy->copied() / pages_a_mib);
  }
  co_return co_await database.aside([copy] { return copy->keep(); }, deadline);
}

}  // namespace edda::sqlite

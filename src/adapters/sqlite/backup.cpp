#include "sqlite/backup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <map>
#include <memory>

#include "sqlite/sqlite_error.hpp"

namespace edda::sqlite {
namespace {

namespace fs = std::filesystem;

// Of 4 KiB. A step takes some milliseconds, in which nobody writes.
constexpr int pages_a_step = 512;
constexpr std::int64_t pages_a_mib = 256;

bool flush(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool done = file >= 0 && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  return done;
}

/// A copy in the making, in a folder beside the place where it will stand. It goes unless it is kept. Used by one thread at a time.
class Copy {
 public:
  Copy(Database& database, fs::path to, std::vector<fs::path> beside)
      : database_(database), to_(std::move(to)), part_(to_.native() + ".part"), file_(part_ / database.file().filename()), beside_(std::move(beside)) {}
  Copy(const Copy&) = delete;
  ~Copy() {
    if (backup_ != nullptr) {
      const Database::Writer writer(database_);
      sqlite3_backup_finish(backup_);
    }
    sqlite3_close_v2(target_);
    std::error_code ignored;
    fs::remove_all(part_, ignored);
  }

  Result<void> begin() {
    std::error_code failed;
    if (fs::exists(to_, failed)) return fail(Errc::already_exists, to_.native() + " exists already");
    fs::remove_all(part_, failed);
    fs::create_directories(part_, failed);
    // Users' data, and hashes of their passwords.
    if (!failed) fs::permissions(part_, fs::perms::owner_all, failed);
    if (failed) return not_written(failed);
    const int code = sqlite3_open_v2(file_.c_str(), &target_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
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
  Result<bool> step() {
    Database::Writer writer(database_);
    const int code = sqlite3_backup_step(backup_, pages_a_step);
    copied_ = sqlite3_backup_pagecount(backup_) - sqlite3_backup_remaining(backup_);
    if (code == SQLITE_OK) return false;
    if (code != SQLITE_DONE) return std::unexpected(error_of(code, target_));
    sqlite3_backup_finish(std::exchange(backup_, nullptr));
    std::error_code missing;
    for (const fs::path& file : beside_)
      if (const auto bytes = fs::file_size(file, missing); !missing) bytes_beside_[file] = bytes;
    return true;
  }

  /// Gives it its place, safely on the disk.
  Result<std::int64_t> keep() {
    TRY_VOID(run("UPDATE store SET generation = zeroblob(16)"));
    TRY_VOID(run("PRAGMA journal_mode=DELETE"));  // no log beside it; whoever opens it as a store begins one
    sqlite3_close_v2(std::exchange(target_, nullptr));
    std::error_code failed;
    for (const auto& [file, bytes] : bytes_beside_) {
      const fs::path copy = part_ / file.filename();
      fs::copy_file(file, copy, failed);
      if (!failed) fs::resize_file(copy, bytes, failed);
      if (failed) return not_written(failed);
      if (!flush(copy)) return not_flushed();
    }
    const auto bytes = fs::file_size(file_, failed);
    if (!flush(file_) || !flush(part_)) return not_flushed();
    if (!failed) fs::rename(part_, to_, failed);
    if (failed) return not_written(failed);
    if (!flush(to_.parent_path())) return not_flushed();
    return static_cast<std::int64_t>(bytes);
  }

  std::int64_t copied() const { return copied_; }

 private:
  Result<void> run(const char* sql) {
    const int code = sqlite3_exec(target_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return std::unexpected(error_of(code, target_));
    return {};
  }
  std::unexpected<Error> not_written(const std::error_code& why) const {
    return fail(Errc::unavailable, fmt::format("The backup {} cannot be written: {}", to_.native(), why.message()));
  }
  std::unexpected<Error> not_flushed() const {
    return fail(Errc::unavailable, fmt::format("The backup {} cannot be flushed to the disk", to_.native()));
  }

  Database& database_;
  const fs::path to_;
  const fs::path part_;
  const fs::path file_;
  const std::vector<fs::path> beside_;
  std::map<fs::path, std::uintmax_t> bytes_beside_;  ///< at the moment of which the copy is
  sqlite3* target_ = nullptr;
  sqlite3_backup* backup_ = nullptr;
  std::int64_t copied_ = 0;  ///< pages
};

}  // namespace

Task<Result<std::int64_t>> back_up(Database& database, fs::path to, std::vector<fs::path> beside, std::function<void(std::int64_t)> progress,
                                   Deadline deadline) {
  const auto copy = std::make_shared<Copy>(database, std::move(to), std::move(beside));
  CO_TRY_VOID(co_await database.aside([copy] { return copy->begin(); }, deadline));
  for (bool whole = false; !whole;) {
    CO_TRY(whole, co_await database.aside([copy] { return copy->step(); }, deadline));
    progress(copy->copied() / pages_a_mib);
  }
  co_return co_await database.aside([copy] { return copy->keep(); }, deadline);
}

}  // namespace edda::sqlite

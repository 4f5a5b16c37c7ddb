#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "gateway/ledger_record.hpp"

namespace edda::gateway {

/// The file under the ledger: a header line and then one line for each entry, appended and never changed.
///
/// A line is one write(2), so it survives the death of the process from the moment `append` returns. Without `fsync` it does not survive
/// the loss of power or a crash of the operating system: what the last seconds wrote may then be gone or torn. With it, every entry
/// costs a durable write. A torn end is cut when the file is opened; damage elsewhere is refused.
///
/// Thread-safety: none. One process at a time holds the file.
class LedgerFile {
 public:
  /// Creates the file (0600) when there is none. Errors: already_exists (another process holds it), corrupt, unavailable.
  static Result<LedgerFile> open(const std::filesystem::path& path, bool fsync);
  LedgerFile(LedgerFile&& other) noexcept;
  LedgerFile& operator=(LedgerFile&&) = delete;
  ~LedgerFile();

  /// Entries are numbered 1..count().
  std::int64_t count() const { return count_; }

  /// Returns the entry's number. Errors: unavailable (not written); outcome_unknown (written, but fsync failed).
  Result<std::int64_t> append(const LedgerRecord& record);
  /// Errors: unavailable, corrupt.
  Result<LedgerRecord> read(std::int64_t number) const;
  /// Entries `first`..`first + count - 1`, all of which must exist. Errors: unavailable, corrupt.
  Result<std::vector<LedgerRecord>> read_many(std::int64_t first, std::size_t count) const;
  /// Calls `visit` with each entry's number and sketch. Errors: unavailable, corrupt.
  Result<void> scan(const std::function<void(std::int64_t, const RecordSketch&)>& visit) const;

 private:
  LedgerFile(int fd, bool fsync) : fd_(fd), fsync_(fsync) {}
  Result<void> take_over_content();
  Result<void> write_header();
  Result<void> cut_torn_end(std::int64_t bytes);
  Result<void> read_at(std::int64_t offset, std::span<char> into) const;
  Result<void> write_at(std::int64_t offset, std::span<const char> bytes);

  int fd_ = -1;
  bool fsync_ = false;
  std::int64_t count_ = 0;
};

}  // namespace edda::gateway

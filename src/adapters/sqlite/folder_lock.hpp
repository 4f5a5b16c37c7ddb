#pragma once

#include <filesystem>
#include <utility>

#include "base/result.hpp"

namespace edda::sqlite {

/// The data folder belongs to one process: an advisory lock on `edda.lock`, freed by the kernel when the process ends,
/// however.
class FolderLock {
 public:
  /// Creates the folder when it is missing.
  /// Errors: already_exists when another process (or another store of this one) holds the lock; unavailable.
  static Result<FolderLock> acquire(const std::filesystem::path& folder);

  FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace edda::sqlite

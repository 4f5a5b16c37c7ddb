#include "sqlite/folder_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace edda::sqlite {
namespace {

std::string holder_of(int descriptor) {
  std::array<char, 32> text{};
  const auto length = ::pread(descriptor, text.data(), text.size() - 1, 0);
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : std::string("unknown");
}

void write_holder(int descriptor) {
  const std::string pid = std::to_string(::getpid());
  // Only a help for the message of a refused process: a full disk must not keep this one from starting.
  if (::ftruncate(descriptor, 0) == 0) (void)!::pwrite(descriptor, pid.data(), pid.size(), 0);
}

}  // namespace

Result<FolderLock> FolderLock::acquire(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return fail(Errc::unavailable, fmt::format("The data folder cannot be created: {}.", failed.message()));
  const int descriptor = ::open((folder / "edda.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    const std::error_code why(errno, std::generic_category());
    return fail(Errc::unavailable, fmt::format("The data folder cannot be written: {}.", why.message()));
  }
  FolderLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return fail(Errc::already_exists, fmt::format("another Edda serves this folder: process {}", holder_of(descriptor)),
                {}, "folder_locked");
  }
  write_holder(descriptor);
  return lock;
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace edda::sqlite

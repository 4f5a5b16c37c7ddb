#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>

#include "bench/accounts.hpp"

namespace edda::bench {

/// A folder of its own inside `parent`, removed with everything in it at the end.
class ScratchFolder {
 public:
  /// Errors: unavailable.
  static Result<ScratchFolder> make(const std::filesystem::path& parent);
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

/// This program as a server, in a process of its own, on a free loopback port: every charge succeeds at once, and nothing is throttled.
/// It ends with this object, or with this process.
class ChildServer {
 public:
  /// Returns when it answers 200. Errors: unavailable (its log stands in the data folder's server.log).
  static Result<std::unique_ptr<ChildServer>> start(const std::filesystem::path& data);
  ~ChildServer() { stop(); }
  ChildServer(const ChildServer&) = delete;

  const Target& target() const { return target_; }
  /// From the start of the process to its first 200.
  std::chrono::microseconds start_time() const { return start_time_; }
  std::int64_t resident_bytes() const;
  /// Drains and waits; kills it when that takes too long.
  void stop();

 private:
  ChildServer(pid_t process, Target target) : process_(process), target_(std::move(target)) {}
  Result<void> wait_until_it_answers();

  pid_t process_;
  Target target_;
  std::chrono::microseconds start_time_{0};
};

/// Of this program without its symbols; 0 when the program `strip` is missing.
std::int64_t stripped_binary_bytes(const std::filesystem::path& scratch);

}  // namespace edda::bench

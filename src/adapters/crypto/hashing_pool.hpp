#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "crypto/password_hash.hpp"
#include "ports/clock.hpp"
#include "ports/crypto.hpp"

namespace edda::crypto {

struct HashingSettings {
  std::size_t threads = 1;       ///< hashes at the same time; each takes a core and cost.memory_bytes
  std::size_t waiting_max = 32;  ///< more are refused: at 80 ms each the last one of 32 waits 2.6 s
  Argon2Cost cost{};
};

/// Hashes passwords on threads of its own, so that requests of other kinds do not wait for logins.
/// New hashes are argon2id; bcrypt is checked and called outdated.
/// Lifetime: the destructor drops what waits and waits for what is being hashed; no call may be pending then.
class HashingPool final : public PasswordHasher {
 public:
  HashingPool(HashingSettings settings, Clock& clock);
  ~HashingPool() override;

  Task<Result<std::string>> hash(std::string password, Deadline deadline) override;
  Task<Result<PasswordCheck>> verify(std::string password, std::string hash, Deadline deadline) override;
  std::string dummy_hash() const override { return dummy_hash_; }

  /// Hashes that are being made, or wait for it.
  std::size_t inside() const { return inside_.load(std::memory_order_relaxed); }
  /// Refused since the start: too many waited, or their turn came too late.
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  template <class Work>
  auto on_pool(Work work, Deadline deadline) -> Task<decltype(work())>;

  const HashingSettings settings_;
  const std::string dummy_hash_;
  Clock& clock_;
  std::atomic<std::size_t> inside_{0};
  std::atomic<std::uint64_t> refused_{0};
  boost::asio::thread_pool pool_;
};

}  // namespace edda::crypto

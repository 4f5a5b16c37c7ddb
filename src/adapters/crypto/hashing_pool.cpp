#include "crypto/hashing_pool.hpp"

#include <sodium.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/assert.hpp"
#include "base/digest.hpp"

namespace edda::crypto {
namespace {

namespace asio = boost::asio;

std::string make_dummy_hash(Argon2Cost cost) {
  EDDA_ASSERT(sodium_init() >= 0);
  std::array<std::uint8_t, 16> bytes;
  randombytes_buf(bytes.data(), bytes.size());
  auto hash = argon2_hash(to_hex(bytes), cost);
  EDDA_ASSERT(!hash.empty());
  return hash;
}

std::unexpected<Error> too_many() {
  Error error{Errc::overloaded, "Too many sign-ins at this moment: try again shortly"};
  error.reason = "hashing_queue_full";
  error.retry_after = std::chrono::seconds(1);
  return std::unexpected(std::move(error));
}

/// One seat among those that are hashed or wait for it.
class Seat {
 public:
  Seat(std::atomic<std::size_t>& inside, std::size_t inside_max)
      : inside_(inside), taken_(inside.fetch_add(1) < inside_max) {}
  ~Seat() { inside_.fetch_sub(1); }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;
  bool taken() const { return taken_; }

 private:
  std::atomic<std::size_t>& inside_;
  const bool taken_;
};

}  // namespace

HashingPool::HashingPool(HashingSettings settings, Clock& clock)
    : settings_(settings), dummy_hash_(make_dummy_hash(settings.cost)), clock_(clock), pool_(settings.threads) {}

HashingPool::~HashingPool() {
  pool_.stop();
  pool_.join();
}

template <class Work>
auto HashingPool::on_pool(Work work, Deadline deadline) -> Task<decltype(work())> {
  const Seat seat(inside_, settings_.threads + settings_.waiting_max);
  if (!seat.taken()) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    co_return too_many();
  }
  auto guarded = [this, deadline, work = std::move(work)]() -> Task<decltype(work())> {
    // Whoever asked has given up: the core is for those who still wait.
    if (clock_.steady_now() > deadline.at) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      co_return too_many();
    }
    co_return work();
  };
  co_return co_await asio::co_spawn(pool_, std::move(guarded), asio::use_awaitable);
}

Task<Result<std::string>> HashingPool::hash(std::string password, Deadline deadline) {
  auto work = [password = std::move(password), cost = settings_.cost]() -> Result<std::string> {
    auto hash = argon2_hash(password, cost);
    if (hash.empty()) return too_many();
    return hash;
  };
  co_return co_await on_pool(std::move(work), deadline);
}

Task<Result<PasswordCheck>> HashingPool::verify(std::string password, std::string hash, Deadline deadline) {
  auto work = [password = std::move(password), hash = std::move(hash),
               cost = settings_.cost]() -> Result<PasswordCheck> {
    if (is_bcrypt(hash)) return PasswordCheck{.matches = bcrypt_matches(password, hash), .outdated = true};
    return PasswordCheck{.matches = argon2_matches(password, hash), .outdated = argon2_outdated(hash, cost)};
  };
  co_return co_await on_pool(std::move(work), deadline);
}

}  // namespace edda::crypto

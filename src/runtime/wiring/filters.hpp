#pragma once

#include <memory>

#include "http/routes/api.hpp"
#include "ports/lock.hpp"
#include "ports/rate_limiter.hpp"
#include "wiring/foundation.hpp"

namespace edda::wiring {

/// What is fast and may forget: the duplicate filter and the rate limits. In this process, or in a Redis that nodes share.
class Filters {
 public:
  /// Errors: invalid_argument (redis.ca_file).
  static Result<Filters> open(Foundation& base);
  Filters(Filters&&) noexcept;
  ~Filters();

  LockService& locks();
  RateLimiter& limiter();
  /// From here on they decide nothing.
  Task<void> stop();

  /// Asks the Redis, if there is one, whether it answers: what `health` says until the next look.
  Task<void> look();
  http::Component health() const;

 private:
  struct Parts;
  explicit Filters(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace edda::wiring

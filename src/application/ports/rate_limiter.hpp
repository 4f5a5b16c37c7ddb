#pragma once

#include <chrono>
#include <string>

#include "base/result.hpp"
#include "ports/task.hpp"

namespace edda {

/// A bucket that holds `burst` tokens and gains `burst` of them in each `refill`.
struct RateLimit {
  std::uint32_t burst = 1;
  std::chrono::seconds refill{1};
};

struct RateDecision {
  bool allowed = true;
  std::chrono::seconds retry_after{0};  ///< at least 1 when not allowed
};

/// Counts how often something is tried. Advice, not truth: an implementation may forget, and one that cannot answer
/// allows. Thread-safety: callable from any thread.
class RateLimiter {
 public:
  virtual ~RateLimiter() = default;
  /// Takes one token from the bucket of `key` ("login:account:a@b.c"); a refused try takes none.
  virtual Task<RateDecision> take(std::string key, RateLimit limit, Deadline deadline) = 0;
};

}  // namespace edda

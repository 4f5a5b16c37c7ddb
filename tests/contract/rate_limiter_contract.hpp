#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>

#include "ports/rate_limiter.hpp"

namespace edda {

/// A rate limiter under test, and its time.
struct RateLimiterHolder {
  virtual ~RateLimiterHolder() = default;
  virtual RateLimiter& limiter() = 0;
  virtual void let_pass(std::chrono::seconds time) = 0;
};
struct RateLimiterFactory {
  const char* name;
  std::function<std::unique_ptr<RateLimiterHolder>()> make;

  friend void PrintTo(const RateLimiterFactory& factory, std::ostream* out) { *out << factory.name; }
};

/// What every RateLimiter does. An adapter joins by INSTANTIATE_TEST_SUITE_P(ContractNAME, ContractRateLimiter, ...).
class ContractRateLimiter : public testing::TestWithParam<RateLimiterFactory> {
 protected:
  void SetUp() override { holder_ = GetParam().make(); }

  RateDecision take(std::string key, RateLimit limit);
  void let_pass(std::chrono::seconds time) { holder_->let_pass(time); }

 private:
  std::unique_ptr<RateLimiterHolder> holder_;
};

}  // namespace edda

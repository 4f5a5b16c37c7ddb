#pragma once

#include <gtest/gtest.h>

#include <string>

#include "accounts/account_service.hpp"
#include "crypto/token_signer.hpp"
#include "memory/rate_limiter.hpp"
#include "memory/users.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"

namespace edda::accounts {

/// Hashes at no cost, and counts. "bcrypt:" hashes stand for those of another system.
class CountingHasher final : public PasswordHasher {
 public:
  Task<Result<std::string>> hash(std::string password, Deadline) override {
    ++hashed;
    co_return "argon:" + password;
  }
  Task<Result<PasswordCheck>> verify(std::string password, std::string hash, Deadline) override {
    ++verified;
    last_hash = hash;
    const bool foreign = hash.starts_with("$2b$");
    co_return PasswordCheck{.matches = hash == "argon:" + password || (foreign && password == "imported-password"),
                            .outdated = foreign};
  }
  std::string dummy_hash() const override { return "dummy"; }

  int hashed = 0;
  int verified = 0;
  std::string last_hash;
};

class CountingRandom final : public Random, public SecretRandom {
 public:
  std::uint64_t next() override { return ++count_ * 0x9E3779B97F4A7C15ULL; }
  void fill(std::span<std::uint8_t> bytes) override {
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(next() >> 32);
  }

 private:
  std::uint64_t count_ = 0;
};

/// An account service on a memory store, real tokens and a clock that stands still.
class AccountFixture : public testing::Test {
 protected:
  static AccountSettings settings() { return {}; }

  SignedIn sign_up(std::string email = "kim@example.com") {
    return testing_support::run_task(
               accounts.sign_up({std::move(email), "longenough", "Kim", "Minsu"}, client, deadline))
        .value();
  }
  Result<SignedIn> login(std::string email = "kim@example.com", std::string password = "longenough") {
    return testing_support::run_task(accounts.login(std::move(email), std::move(password), client, deadline));
  }
  Result<SignedIn> refresh(std::string token) {
    return testing_support::run_task(accounts.refresh(std::move(token), client, deadline));
  }
  Result<Principal> authenticate(const std::string& token) {
    return testing_support::run_task(accounts.authenticate(token, deadline));
  }
  /// Changes a user as another node would: this service is not told.
  void change_elsewhere(UserId user, UserChange change) {
    EXPECT_TRUE(testing_support::run_task(users.change_user(user, std::move(change), {}, deadline)));
  }
  std::vector<AuditEntry> audit() {
    return testing_support::run_task(users.list_audit({}, std::nullopt, 100, deadline)).value();
  }

  testing_support::ManualClock clock;
  memory::MemoryUserStore users;
  CountingHasher hasher;
  CountingRandom random;
  crypto::JwtSigner tokens{{.access_secret = "access-secret-access-secret-access",
                            .refresh_secret = "refresh-secret-refresh-secret-refr",
                            .accept_legacy = true}};
  memory::MemoryRateLimiter limiter{clock, 1000};
  AccountService accounts{{users, hasher, tokens, random, limiter, clock, random}, settings()};
  Client client{"10.0.0.1", "test"};
  Deadline deadline = testing_support::some_deadline();
  Actor admin{{}, "admin@example.com", "asked by phone"};
};

}  // namespace edda::accounts

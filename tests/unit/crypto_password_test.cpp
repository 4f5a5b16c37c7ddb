#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <latch>

#include "crypto/hashing_pool.hpp"
#include "crypto/password_hash.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"

namespace edda::crypto {
namespace {

using testing_support::ManualClock;
using testing_support::run_task;

/// The least that libsodium takes: tests do not need to be dear.
constexpr Argon2Cost cheap{.memory_bytes = 8192, .passes = 1};

// Test vector of Openwall's crypt_blowfish; $2a$ and $2b$ differ in nothing that a correct implementation does.
const std::string bcrypt_of_u_star_u = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

class UnitCryptoHashingPool : public testing::Test {
 protected:
  Deadline soon() { return {clock.steady_now() + std::chrono::seconds(10)}; }
  ManualClock clock;
  HashingPool pool{{.threads = 1, .waiting_max = 1, .cost = cheap}, clock};
};

TEST(UnitCryptoPassword, ChecksArgon2) {
  const std::string hash = argon2_hash("secret", cheap);
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$")) << hash;
  EXPECT_TRUE(argon2_matches("secret", hash));
  EXPECT_FALSE(argon2_matches("Secret", hash));
  EXPECT_FALSE(argon2_matches("secret", hash + "x"));
  EXPECT_FALSE(argon2_matches("secret", ""));
  EXPECT_FALSE(argon2_matches("secret", std::string(500, 'x')));
  EXPECT_FALSE(argon2_outdated(hash, cheap));
  EXPECT_TRUE(argon2_outdated(hash, {.memory_bytes = 16384, .passes = 1}));
}

TEST(UnitCryptoPassword, ChecksBcrypt) {
  std::string as_2b = bcrypt_of_u_star_u;
  as_2b[2] = 'b';
  EXPECT_TRUE(bcrypt_matches("U*U", bcrypt_of_u_star_u));
  EXPECT_TRUE(bcrypt_matches("U*U", as_2b));
  EXPECT_FALSE(bcrypt_matches("U*U*", bcrypt_of_u_star_u));
  EXPECT_FALSE(bcrypt_matches(std::string("U*U\0x", 5), bcrypt_of_u_star_u));
  EXPECT_FALSE(is_bcrypt("$2b$04$short"));
  EXPECT_FALSE(is_bcrypt("$6$" + std::string(57, 'x')));
  EXPECT_FALSE(bcrypt_matches("", ""));
  EXPECT_FALSE(bcrypt_matches("x", "$2b$99$" + std::string(53, 'x')));
}

TEST_F(UnitCryptoHashingPool, HashesAndVerifies) {
  const auto hash = run_task(pool.hash("secret", soon())).value();
  const auto good = run_task(pool.verify("secret", hash, soon())).value();
  EXPECT_TRUE(good.matches);
  EXPECT_FALSE(good.outdated);
  EXPECT_FALSE(run_task(pool.verify("other", hash, soon())).value().matches);
  EXPECT_NE(run_task(pool.hash("secret", soon())).value(), hash);
}

TEST_F(UnitCryptoHashingPool, CallsBcryptOutdated) {
  const auto check = run_task(pool.verify("U*U", bcrypt_of_u_star_u, soon())).value();
  EXPECT_TRUE(check.matches);
  EXPECT_TRUE(check.outdated);
}

TEST_F(UnitCryptoHashingPool, MatchesNothingAgainstTheDummyOrNonsense) {
  EXPECT_FALSE(run_task(pool.verify("", pool.dummy_hash(), soon())).value().matches);
  EXPECT_FALSE(run_task(pool.verify("x", "not a hash", soon())).value().matches);
  EXPECT_FALSE(argon2_outdated(pool.dummy_hash(), cheap));
}

TEST_F(UnitCryptoHashingPool, TakesPasswordsWithANul) {
  const std::string password("sec\0ret!", 8);
  const auto hash = run_task(pool.hash(password, soon())).value();
  EXPECT_TRUE(run_task(pool.verify(password, hash, soon())).value().matches);
  EXPECT_FALSE(run_task(pool.verify("sec", hash, soon())).value().matches);
}

TEST_F(UnitCryptoHashingPool, RefusesWhatCouldNotStartInTime) {
  const auto late = run_task(pool.hash("secret", {clock.steady_now() - std::chrono::seconds(1)}));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::overloaded);
}

TEST_F(UnitCryptoHashingPool, RefusesMoreThanMayWait) {
  boost::asio::io_context context;
  std::vector<std::future<Result<std::string>>> answers;
  for (int i = 0; i < 5; ++i) {
    answers.push_back(boost::asio::co_spawn(context, pool.hash("secret", soon()), boost::asio::use_future));
  }
  // All five ask in one go on this thread, before any answer can come back to it.
  context.run();
  int refused = 0;
  for (auto& answer : answers) {
    const auto result = answer.get();
    if (result) continue;
    ++refused;
    EXPECT_EQ(result.error().code, Errc::overloaded);
    EXPECT_GE(result.error().retry_after, std::chrono::seconds(1));
  }
  EXPECT_EQ(refused, 3);
}

}  // namespace
}  // namespace edda::crypto

#include <gtest/gtest.h>

#include "accounts/user_cache.hpp"

namespace edda::accounts {
namespace {

using std::chrono::seconds;

constexpr SteadyTime start{std::chrono::hours(1)};

UserId user(int number) {
  UserId id;
  id.value.bytes[15] = static_cast<std::uint8_t>(number);
  id.value.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  return id;
}

std::shared_ptr<const KnownUser> known() {
  return std::make_shared<KnownUser>(KnownUser{.exists = true, .email = "a@b.co", .read_at_steady = start});
}

TEST(UnitAccountsUserCache, ForgetsWithAge) {
  UserCache cache(10, seconds(30));
  cache.put(user(1), known(), cache.ticket());
  EXPECT_TRUE(cache.find(user(1), start + seconds(30)));
  EXPECT_FALSE(cache.find(user(1), start + seconds(31)));
  EXPECT_EQ(cache.size(), 0U);
}

TEST(UnitAccountsUserCache, StaysSmall) {
  UserCache cache(10, seconds(30));
  for (int i = 0; i < 1000; ++i) {
    cache.put(user(i), known(), cache.ticket());
    ASSERT_LE(cache.size(), 10U);
  }
  EXPECT_TRUE(cache.find(user(999), start));
}

TEST(UnitAccountsUserCache, KeepsWhoIsSeenAgain) {
  UserCache cache(10, seconds(30));
  cache.put(user(0), known(), cache.ticket());
  for (int i = 1; i < 100; ++i) {
    cache.put(user(i), known(), cache.ticket());
    ASSERT_TRUE(cache.find(user(0), start)) << i;
  }
}

TEST(UnitAccountsUserCache, DoesNotKeepWhatWasReadBeforeAChange) {
  UserCache cache(10, seconds(30));
  const auto ticket = cache.ticket();
  cache.forget(user(1));
  cache.put(user(1), known(), ticket);
  EXPECT_FALSE(cache.find(user(1), start));
}

}  // namespace
}  // namespace edda::accounts

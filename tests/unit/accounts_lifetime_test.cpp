#include <gtest/gtest.h>

#include "accounts/lifetime.hpp"

namespace edda::accounts {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

TEST(UnitAccountsLifetime, ReadsWhatDeploymentsSet) {
  EXPECT_EQ(parse_lifetime("24h"), hours(24));
  EXPECT_EQ(parse_lifetime("7d"), hours(7 * 24));
  EXPECT_EQ(parse_lifetime("7 d"), hours(7 * 24));
  EXPECT_EQ(parse_lifetime("15m"), seconds(900));
  EXPECT_EQ(parse_lifetime("3600"), seconds(3600));
  EXPECT_EQ(parse_lifetime("2w"), hours(14 * 24));
}

TEST(UnitAccountsLifetime, RefusesWhatIsNoLifetime) {
  for (const char* text : {"", "h", "0", "0d", "-1h", "1.5h", "24H", "24hh", "24 ", " 24h", "24  h", "1y",
                           "99999999999999999999", "9223372036854775807w", "3651d"}) {
    EXPECT_EQ(parse_lifetime(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace edda::accounts

#include "base/money.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace edda {
namespace {

constexpr Currency usd{};
constexpr Currency krw{{'K', 'R', 'W'}};
constexpr Currency kwd{{'K', 'W', 'D'}};

std::int64_t minor_of(std::string_view text, Currency currency = usd) {
  const auto money = parse_major(text, currency);
  return money ? money->minor : -1;
}

TEST(UnitMoney, ReadsMajorUnitsExactly) {
  EXPECT_EQ(minor_of("19.99"), 1999);
  EXPECT_EQ(minor_of("0.1"), 10);
  EXPECT_EQ(minor_of("1e2"), 10'000);
  EXPECT_EQ(minor_of("1e+2"), 10'000);
  EXPECT_EQ(minor_of("1.5E1"), 1500);
  EXPECT_EQ(minor_of("1.500"), 150);
  EXPECT_EQ(minor_of("1000", krw), 1000);
  EXPECT_EQ(minor_of("1.234", kwd), 1234);
  EXPECT_EQ(minor_of("0"), 0);
  EXPECT_EQ(minor_of("-0"), 0);
}

TEST(UnitMoney, RefusesWhatItCannotHoldExactly) {
  for (const auto* text : {"1.005", "1e-3", "", "-", ".", "1.", "1e", "abc", "1 ", "NaN", "1e400", "99999999999999999999"})
    EXPECT_FALSE(parse_major(text, usd)) << text;
  EXPECT_FALSE(parse_major("0.5", krw));
}

TEST(UnitMoney, WritesTheShortestAndTheFixedForm) {
  EXPECT_EQ(to_major({1999, usd}), "19.99");
  EXPECT_EQ(to_major({1000, usd}), "10");
  EXPECT_EQ(to_major({50, usd}), "0.5");
  EXPECT_EQ(to_major_fixed({1000, usd}), "10.00");
  EXPECT_EQ(to_major_fixed({-5, usd}), "-0.05");
  EXPECT_EQ(to_major({7, krw}), "7");
}

TEST(UnitMoney, ACurrencyIsThreeCapitals) {
  for (const auto* code : {"", "US", "USDD", "usd", "U1D", "U{D"}) EXPECT_FALSE(parse_currency(code)) << code;
  EXPECT_EQ(parse_currency("EUR")->view(), "EUR");
}

TEST(UnitMoney, NothingWraps) {
  EXPECT_FALSE(add({INT64_MAX, usd}, {1, usd}));
  EXPECT_FALSE(add({-money_minor_max, usd}, {-1, usd}));
  EXPECT_FALSE(add({money_minor_max, usd}, {1, usd}));
  EXPECT_FALSE(multiply({money_minor_max, usd}, 2));
  EXPECT_FALSE(multiply({3, usd}, INT64_MAX));
  EXPECT_FALSE(add({1, usd}, {1, krw}));
}

RC_GTEST_PROP(UnitMoney, WritingAndReadingAreInverse, ()) {
  const auto minor = *rc::gen::inRange<std::int64_t>(-money_minor_max, money_minor_max);
  for (const Currency currency : {usd, krw, kwd}) {
    RC_ASSERT(parse_major(to_major({minor, currency}), currency)->minor == minor);
    RC_ASSERT(parse_major(to_major_fixed({minor, currency}), currency)->minor == minor);
  }
}

}  // namespace
}  // namespace edda

#include "base/timestamp.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace edda {
namespace {

TEST(UnitTimestamp, WritesUtcWithMilliseconds) {
  EXPECT_EQ(to_rfc3339(from_micros(1'763'838'000'123'456)), "2025-11-22T19:00:00.123Z");
}

TEST(UnitTimestamp, WritesTimesBeforeTheEpochAndYearsOfAnyLength) {
  EXPECT_EQ(to_rfc3339(from_micros(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(to_rfc3339(Timestamp(std::chrono::sys_days(std::chrono::year(33) / 4 / 3))), "0033-04-03T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(Timestamp(std::chrono::sys_days(std::chrono::year(12345) / 1 / 2))), "12345-01-02T00:00:00.000Z");
}

TEST(UnitTimestamp, AppendsBehindWhatStands) {
  std::string text = "at ";
  append_rfc3339(text, from_micros(0));
  EXPECT_EQ(text, "at 1970-01-01T00:00:00.000Z");
}

TEST(UnitTimestamp, ReadsOffsetsAndFractions) {
  EXPECT_EQ(parse_rfc3339("2025-11-22T19:00:00Z"), from_micros(1'763'838'000'000'000));
  EXPECT_EQ(parse_rfc3339("2025-11-23T04:00:00+09:00"), from_micros(1'763'838'000'000'000));
  EXPECT_EQ(parse_rfc3339("2025-11-22T19:00:00.1234567Z"), from_micros(1'763'838'000'123'456));
  EXPECT_EQ(parse_rfc3339("2025-11-22t14:30:00-04:30"), from_micros(1'763'838'000'000'000));
  EXPECT_EQ(parse_rfc3339("2025-11-22T19:00:00z"), from_micros(1'763'838'000'000'000));
}

TEST(UnitTimestamp, RefusesWhatIsNoTime) {
  for (const auto* text : {"", "2025-11-22", "2025-02-30T00:00:00Z", "2025-11-22T24:00:00Z", "2025-11-22T19:00:00",
                           "2025-11-22T19:00:00.Z", "2025-11-22T19:00:00Zx", "2025-11-22T19:00:00+9:00"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  // Every place where a text can end or go wrong.
  const std::string whole = "2025-11-22T19:00:00.5+09:30";
  for (std::size_t length = 0; length < whole.size(); ++length) EXPECT_FALSE(parse_rfc3339(whole.substr(0, length))) << length;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string broken = whole;
    broken[i] = '?';
    EXPECT_FALSE(parse_rfc3339(broken)) << broken;
  }
  for (const auto* text : {"2025-11-22T19:60:00Z", "2025-11-22T19:00:60Z", "2025-11-22T19:00:00+24:00", "2025-11-22T19:00:00+09:60"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

RC_GTEST_PROP(UnitTimestamp, WritingAndReadingAreInverseToTheMillisecond, ()) {
  const auto millis = *rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000);
  const Timestamp at = from_micros(millis * 1000);
  RC_ASSERT(parse_rfc3339(to_rfc3339(at)) == at);
}

}  // namespace
}  // namespace edda

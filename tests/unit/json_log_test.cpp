#include "system/json_log.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <string>

#include "support/manual_clock.hpp"

namespace edda::system {
namespace {

std::string logged(LogLevel least, auto&& write, Clock& clock, std::size_t rate_max = 0) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* file = open_memstream(&text, &size);
  JsonLog log(file, least, "node-1", clock, rate_max);
  write(log);
  std::fclose(file);
  std::string result(text, size);
  std::free(text);
  return result;
}
std::string logged(LogLevel least, auto&& write) {
  testing_support::ManualClock clock;
  return logged(least, write, clock);
}

TEST(UnitJsonLog, AnEntryIsOneLineWhateverItsValuesHold) {
  const auto text = logged(LogLevel::info, [](Log& log) {
    log.write(LogLevel::warn, "saga parked", {{"reason", "a\nb\x1b[31m \"c\""}});
  });
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  const auto entry = boost::json::parse(text).as_object();
  EXPECT_EQ(entry.at("level").as_string(), "warn");
  EXPECT_EQ(entry.at("node").as_string(), "node-1");
  EXPECT_EQ(entry.at("reason").as_string(), "a\nb\x1b[31m \"c\"");
}

TEST(UnitJsonLog, AFieldWithoutAValueIsLeftOut) {
  const auto text = logged(LogLevel::info, [](Log& log) { log.write(LogLevel::info, "x", {{"trace_id", ""}, {"correlation", "o-1"}}); });
  const auto entry = boost::json::parse(text).as_object();
  EXPECT_FALSE(entry.contains("trace_id"));
  EXPECT_EQ(entry.at("correlation").as_string(), "o-1");
}

TEST(UnitJsonLog, TheLevelChangesWhileItRunsAndTheLogTellsWhoDidIt) {
  const auto text = logged(LogLevel::error, [](JsonLog& log) {
    EXPECT_FALSE(log.writes(LogLevel::debug));
    log.write(LogLevel::debug, "not this", {});
    log.set_level(LogLevel::debug, {{"by", "kim"}});
    EXPECT_TRUE(log.writes(LogLevel::debug));
    log.write(LogLevel::debug, "but this", {});
    log.set_level(LogLevel::error, {{"by", "lee"}});
    log.write(LogLevel::info, "nor this", {});
  });
  EXPECT_EQ(text.find("not this"), std::string::npos);
  EXPECT_NE(text.find("but this"), std::string::npos);
  EXPECT_EQ(text.find("nor this"), std::string::npos);
  EXPECT_NE(text.find(R"("by":"kim")"), std::string::npos);
  EXPECT_NE(text.find(R"("by":"lee")"), std::string::npos) << "whatever the level is now";
}

TEST(UnitJsonLog, OfEachSecondOnlySoManyEntriesAreWrittenAndItSaysSo) {
  testing_support::ManualClock clock;
  std::uint64_t left_out = 0;
  const auto text = logged(
      LogLevel::info,
      [&](JsonLog& log) {
        for (int i = 0; i < 5; ++i) log.write(LogLevel::info, "chatter", {});
        log.write(LogLevel::error, "wrong", {});
        clock.advance(std::chrono::seconds(1));
        log.write(LogLevel::info, "later", {});
        left_out = log.left_out();
      },
      clock, 2);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2 + 1 + 1 + 1);
  EXPECT_NE(text.find("wrong"), std::string::npos) << "what is wrong is counted apart";
  EXPECT_NE(text.find(R"("entries":"3")"), std::string::npos) << text;
  EXPECT_LT(text.find(R"("entries":"3")"), text.find("later"));
  EXPECT_EQ(left_out, 3U);
}

TEST(UnitJsonLog, EntriesBelowTheLevelAreDropped) {
  const auto text = logged(LogLevel::warn, [](Log& log) {
    log.write(LogLevel::info, "not this", {});
    log.write(LogLevel::error, "but this", {});
  });
  EXPECT_EQ(text.find("not this"), std::string::npos);
  EXPECT_NE(text.find("but this"), std::string::npos);
}

}  // namespace
}  // namespace edda::system

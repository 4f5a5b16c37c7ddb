#include "system/json_log.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <string>

#include "support/manual_clock.hpp"

namespace edda::system {
namespace {

std::string logged(LogLevel least, auto&& write) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* file = open_memstream(&text, &size);
  testing_support::ManualClock clock;
  JsonLog log(file, least, "node-1", clock);
  write(log);
  std::fclose(file);
  std::string result(text, size);
  std::free(text);
  return result;
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

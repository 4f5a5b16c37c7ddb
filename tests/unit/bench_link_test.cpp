#include <gtest/gtest.h>

#include "bench/accounts.hpp"
#include "bench/http_link.hpp"
#include "bench/options.hpp"
#include "bench/request_text.hpp"

namespace edda::bench {
namespace {

using State = AnswerReader::State;

TEST(UnitBenchAnswerReader, PutsAnAnswerTogetherFromSingleBytes) {
  const std::string_view text = "HTTP/1.1 201 Created\r\nDate: x\r\ncontent-length: 5\r\n\r\nhello";
  AnswerReader reader;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) ASSERT_EQ(reader.put(text.substr(i, 1)), State::incomplete);
  EXPECT_EQ(reader.put("o"), State::whole);
  EXPECT_EQ(reader.status(), 201);
  EXPECT_EQ(reader.body(), "hello");
}

TEST(UnitBenchAnswerReader, IsReadyForTheNextAnswerAfterClear) {
  AnswerReader reader;
  EXPECT_EQ(reader.put("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"), State::whole);
  reader.clear();
  EXPECT_EQ(reader.put("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), State::whole);
  EXPECT_EQ(reader.status(), 200);
}

TEST(UnitBenchAnswerReader, TellsTheLastAnswerOfAConnection) {
  AnswerReader reader;
  EXPECT_EQ(reader.put("HTTP/1.1 200 OK\r\nconnection: close\r\nContent-Length: 0\r\n\r\n"), State::whole);
  EXPECT_TRUE(reader.is_last());
  reader.clear();
  EXPECT_EQ(reader.put("HTTP/1.1 200 OK\r\nConnection: closest\r\nContent-Length: 0\r\n\r\n"), State::whole);
  EXPECT_FALSE(reader.is_last());
}

TEST(UnitBenchAnswerReader, CallsBrokenWhatItCannotCount) {
  EXPECT_EQ(AnswerReader().put("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), State::broken);
  EXPECT_EQ(AnswerReader().put("SSH-2.0-x\r\n\r\n"), State::broken);
  EXPECT_EQ(AnswerReader().put("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab"), State::broken);
}

TEST(UnitBenchRequestText, TakesAFreshKeyEachTimeAndKeepsItsLength) {
  std::mt19937_64 random(7);
  auto request = RequestText::place_order("token");
  const std::string blank(request.text());
  request.renew_key(random);
  const std::string first(request.text());
  request.renew_key(random);
  EXPECT_NE(first, blank);
  EXPECT_NE(first, request.text());
  EXPECT_EQ(first.size(), request.text().size());
}

TEST(UnitBenchTarget, RefusesOtherMachinesUnlessTold) {
  EXPECT_TRUE(Target::parse("http://127.0.0.1:3000", false).has_value());
  const auto refused = Target::parse("http://192.0.2.1:3000", false);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::forbidden);
  EXPECT_TRUE(Target::parse("http://192.0.2.1:3000", true).has_value());
}

TEST(UnitBenchOptions, ReadsBothModels) {
  const auto closed = parse_options({"--connections", "8"});
  ASSERT_TRUE(closed.has_value());
  EXPECT_EQ(closed->connections, 8U);
  EXPECT_FALSE(closed->rate.has_value());
  const auto open = parse_options({"--rate", "2000", "--json", "-"});
  ASSERT_TRUE(open.has_value());
  EXPECT_EQ(open->rate, 2000.0);
  EXPECT_EQ(open->json, "-");
}

TEST(UnitBenchOptions, ReadsTheClustersSuite) {
  const auto own = parse_options({"--suite", "cluster", "--shards", "4", "--quick"});
  ASSERT_TRUE(own.has_value());
  EXPECT_EQ(own->suite, "cluster");
  EXPECT_EQ(own->shards, 4);
  EXPECT_TRUE(own->cluster.empty());
  const auto joined = parse_options({"--suite", "cluster", "--cluster", "data/cluster"});
  ASSERT_TRUE(joined.has_value());
  EXPECT_EQ(joined->cluster, "data/cluster");
  EXPECT_EQ(parse_options({"--cluster", "data/cluster"}).error().exit_code, 2);
  EXPECT_EQ(parse_options({"--suite", "one-machine", "--cluster", "data/cluster"}).error().exit_code, 2);
  EXPECT_EQ(parse_options({"--suite", "cluster", "--shards", "0"}).error().exit_code, 2);
}

TEST(UnitBenchOptions, AnswersMistakesAndAsksForHelp) {
  EXPECT_EQ(parse_options({"--suite", "two-machines"}).error().exit_code, 2);
  EXPECT_EQ(parse_options({"--connections", "0"}).error().exit_code, 2);
  EXPECT_EQ(parse_options({"--help"}).error().exit_code, 0);
}

}  // namespace
}  // namespace edda::bench

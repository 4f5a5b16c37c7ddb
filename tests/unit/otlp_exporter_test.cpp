#include "otlp/exporter.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <deque>

#include "support/quiet_log.hpp"
#include "system/clock.hpp"

namespace edda::otlp {
namespace {

namespace asio = boost::asio;
using Status = std::expected<int, std::string>;

Span span(std::string name) {
  return {.context = {{0xAB}, {0x01}, true}, .name = std::move(name), .start = from_micros(1), .end = from_micros(3)};
}

/// A collector that answers what it is told to (200 when it is told nothing), and stops the exporter when enough came.
class UnitOtlpExporter : public testing::Test {
 protected:
  void make(ExporterSettings settings) {
    exporter.emplace(context.get_executor(), clock, log, std::move(settings), [this](std::string body, Deadline) -> Task<Status> {
      bodies.push_back(std::move(body));
      if (bodies.size() >= stop_after) exporter->stop();
      if (answers.empty()) co_return 200;
      const Status answer = answers.front();
      answers.pop_front();
      co_return answer;
    });
  }
  void take(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) exporter->take(span("s"));
  }
  void run() {
    asio::co_spawn(context, exporter->run(), asio::detached);
    context.run();
  }
  std::size_t spans_in(const std::string& body) {
    return boost::json::parse(body).at_pointer("/resourceSpans/0/scopeSpans/0/spans").as_array().size();
  }

  asio::io_context context{1};
  system::SystemClock clock;
  testing_support::QuietLog log;
  std::optional<Exporter> exporter;
  std::deque<Status> answers;
  std::vector<std::string> bodies;
  std::size_t stop_after = 1;
};

TEST_F(UnitOtlpExporter, SendsInBatches) {
  make({.batch_max = 3, .delay = std::chrono::hours(1)});
  stop_after = 3;
  take(7);
  exporter->stop();
  run();
  ASSERT_EQ(bodies.size(), 3U);
  EXPECT_EQ(spans_in(bodies[0]), 3U);
  EXPECT_EQ(spans_in(bodies[2]), 1U);
  EXPECT_EQ(exporter->stats().exported, 7U);
}

TEST_F(UnitOtlpExporter, AFullBatchGoesOutWithoutWaiting) {
  make({.batch_max = 2, .delay = std::chrono::hours(1)});
  asio::post(context, [this] { asio::post(context, [this] { take(2); }); });
  run();
  EXPECT_EQ(exporter->stats().exported, 2U);
}

TEST_F(UnitOtlpExporter, OneSpanWaitsForOthersNoLongerThanItsDelay) {
  make({.batch_max = 2, .delay = milliseconds(1)});
  asio::post(context, [this] { asio::post(context, [this] { take(1); }); });
  run();
  EXPECT_EQ(exporter->stats().exported, 1U);
}

TEST_F(UnitOtlpExporter, TheQueueIsBoundedAndWhatDoesNotFitIsCounted) {
  make({.queue_max = 4, .batch_max = 4});
  take(10);
  EXPECT_EQ(exporter->stats().dropped, 6U);
  run();
  EXPECT_EQ(exporter->stats().exported, 4U);
}

TEST_F(UnitOtlpExporter, ABatchIsTriedAgainWhileTheCollectorIsAway) {
  answers = {std::unexpected<std::string>("refused"), Status(503), Status(429), Status(200)};
  stop_after = 4;
  make({.pause = milliseconds(1), .pause_max = milliseconds(1)});
  take(2);
  run();
  EXPECT_EQ(bodies.size(), 4U);
  const auto stats = exporter->stats();
  EXPECT_EQ(stats.exported, 2U);
  EXPECT_EQ(stats.dropped, 0U);
  EXPECT_EQ(stats.failed_batches, 3U);
  EXPECT_EQ(log.messages().size(), 2U) << "once that it is away, once that it is back";
}

TEST_F(UnitOtlpExporter, ABatchThatIsRefusedForGoodIsDropped) {
  answers = {Status(400)};
  make({});
  take(2);
  run();
  EXPECT_EQ(bodies.size(), 1U);
  EXPECT_EQ(exporter->stats().dropped, 2U);
  EXPECT_EQ(exporter->stats().exported, 0U);
}

TEST_F(UnitOtlpExporter, AtTheStopNothingIsTriedTwice) {
  answers = {std::unexpected<std::string>("refused"), std::unexpected<std::string>("refused")};
  make({.batch_max = 1});
  take(2);
  exporter->stop();
  run();
  EXPECT_EQ(bodies.size(), 2U);
  EXPECT_EQ(exporter->stats().dropped, 2U);
}

TEST(UnitOtlpJson, IsWhatCollectorsRead) {
  Span made = span("POST /v1/orders");
  made.parent = {0x02};
  made.kind = SpanKind::server;
  made.failure = "500";
  made.attributes = {{"http.route", "/v1/orders"}, {"http.response.status_code", std::int64_t{500}}};
  const auto json = boost::json::parse(to_json(std::vector{made}, {"shop", "1.2", "node-1"}));
  EXPECT_EQ(json.at_pointer("/resourceSpans/0/resource/attributes/0/value/stringValue").as_string(), "shop");
  const auto& written = json.at_pointer("/resourceSpans/0/scopeSpans/0/spans/0").as_object();
  EXPECT_EQ(written.at("traceId").as_string(), "ab000000000000000000000000000000");
  EXPECT_EQ(written.at("spanId").as_string(), "0100000000000000");
  EXPECT_EQ(written.at("parentSpanId").as_string(), "0200000000000000");
  EXPECT_EQ(written.at("kind").as_int64(), 2);
  EXPECT_EQ(written.at("startTimeUnixNano").as_string(), "1000");
  EXPECT_EQ(written.at("endTimeUnixNano").as_string(), "3000");
  EXPECT_EQ(boost::json::serialize(written.at("attributes")),
            R"([{"key":"http.route","value":{"stringValue":"/v1/orders"}},{"key":"http.response.status_code","value":{"intValue":"500"}}])");
  EXPECT_EQ(written.at("status").at("code").as_int64(), 2);
}

TEST(UnitOtlpJson, AFirstSpanHasNoParentAndAGoodOneNoCode) {
  const auto json = boost::json::parse(to_json(std::vector{span("x")}, {}));
  const auto& written = json.at_pointer("/resourceSpans/0/scopeSpans/0/spans/0").as_object();
  EXPECT_FALSE(written.contains("parentSpanId"));
  EXPECT_TRUE(written.at("status").as_object().empty());
}

}  // namespace
}  // namespace edda::otlp

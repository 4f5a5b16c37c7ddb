#include <fmt/format.h>

#include <ranges>

#include "http/v1_fixture.hpp"

namespace edda::http {
namespace {

namespace bj = boost::json;

class HttpV1Events : public V1Test {
 protected:
  /// All events of a list, page by page.
  static bj::array whole(const Caller& caller, const std::string& path, int limit = 4) {
    bj::array events;
    std::string cursor;
    for (int pages = 0; pages < 100; ++pages) {
      const auto page = caller.get(fmt::format("{}{}limit={}{}", path, path.contains('?') ? '&' : '?', limit, cursor)).json();
      for (const auto& event : at(page, "/events").as_array()) events.push_back(event);
      if (!at(page, "/has_more").as_bool()) break;
      cursor = "&cursor=" + text_at(page, "/next_cursor");
    }
    return events;
  }
  static bj::array data_of(const std::vector<EventStream::Event>& events) {
    bj::array data;
    for (const auto& event : events) data.push_back(event.data);
    return data;
  }
};

TEST_F(HttpV1Events, AnOrdersStoryInTheOrderOfTheLog) {
  const auto order = place_paid(kim);
  const std::string path = "/v1/orders/" + text_at(order, "/id") + "/events";
  const auto events = whole(kim, path);
  ASSERT_GE(events.size(), 9U);
  EXPECT_EQ(text_at(events.front(), "/type"), "OrderCreated");
  EXPECT_EQ(text_at(events.back(), "/type"), "SagaCompleted");
  EXPECT_EQ(fields_of(events.front()),
            "at at_us causation_id correlation_id data id node position shard stream_id stream_type turn_id type version");
  std::int64_t position = 0;
  for (const auto& event : events) {
    EXPECT_EQ(text_at(event, "/correlation_id"), text_at(order, "/id"));
    EXPECT_GT(at(event, "/position").as_int64(), position);
    position = at(event, "/position").as_int64();
  }
  EXPECT_EQ(whole(kim, path, 1000), events);
  problem_code(lee.get(path), 404);
  EXPECT_EQ(whole(operator_, path), events);
}

TEST_F(HttpV1Events, TheLogShowsOnesOwn) {
  const auto order = place_paid(kim);
  const auto mine = whole(kim, "/v1/events");
  const auto theirs = place_paid(lee);
  for (const auto& event : mine) EXPECT_EQ(text_at(event, "/correlation_id"), text_at(order, "/id"));
  EXPECT_EQ(whole(kim, "/v1/events"), mine);
  EXPECT_EQ(whole(operator_, "/v1/events").size(), mine.size() + whole(lee, "/v1/events").size());
  const std::string story = "/v1/events?correlation_id=" + text_at(order, "/id");
  EXPECT_EQ(whole(admin, story), mine);
  EXPECT_TRUE(whole(lee, story).empty());
  EXPECT_TRUE(whole(admin, "/v1/events?correlation_id=no-such-key").empty());
  const auto by_stream = whole(kim, "/v1/events?stream=" + text_at(order, "/payment_id"));
  EXPECT_EQ(text_at(by_stream.front(), "/type"), "PaymentRequested");
  EXPECT_EQ(whole(kim, "/v1/events?type=OrderCreated").size(), 1U);
  EXPECT_TRUE(whole(kim, "/v1/events?type=Nothing").empty());
  for (const auto* query : {"stream=17", "cursor=x", "limit=0", "correlation_id="}) {
    problem_code(kim.get(fmt::format("/v1/events?{}", query)), 400);
  }
}

TEST_F(HttpV1Events, ACursorServesToComeBackLater) {
  place_paid(kim);
  const auto end = kim.get("/v1/events?limit=1000").json();
  EXPECT_FALSE(at(end, "/has_more").as_bool());
  const auto later = place_paid(kim);
  const auto since = whole(kim, "/v1/events?cursor=" + text_at(end, "/next_cursor"), 1000);
  ASSERT_FALSE(since.empty());
  for (const auto& event : since) EXPECT_EQ(text_at(event, "/correlation_id"), text_at(later, "/id"));
}

TEST_F(HttpV1Events, OneStreamWithItsVersion) {
  const auto order = place_paid(kim);
  const std::string path = "/v1/streams/" + text_at(order, "/id");
  const auto stream = kim.get(path).json();
  EXPECT_EQ(fields_of(stream), "events has_more next_cursor stream_id stream_type version");
  EXPECT_EQ(text_at(stream, "/stream_type"), "order");
  EXPECT_EQ(at(stream, "/version"), at(order, "/version"));
  EXPECT_TRUE(at(stream, "/next_cursor").is_null());
  EXPECT_EQ(whole(kim, path, 1), at(stream, "/events").as_array());
  EXPECT_EQ(text_at(kim.get("/v1/streams/" + text_at(order, "/payment_id")).json(), "/stream_type"), "payment");
  problem_code(lee.get(path), 404);
  problem_code(kim.get(fmt::format("/v1/streams/{}", absent_uuid)), 404);
  const std::string cursor = text_at(kim.get(path + "?limit=1").json(), "/next_cursor");
  problem_code(kim.get("/v1/streams/" + text_at(order, "/saga_id") + "?cursor=" + cursor), 400);
}

TEST_F(HttpV1Events, PaymentsAndSagasAsResources) {
  const auto order = place_paid(kim);
  const std::string payment_path = "/v1/payments/" + text_at(order, "/payment_id");
  const Answer payment = kim.get(payment_path);
  EXPECT_EQ(fields_of(payment.json()),
            "amount created_at external_transaction_id failure_reason id method order_id refunded status updated_at user_id version");
  EXPECT_EQ(text_at(payment.json(), "/status"), "completed");
  EXPECT_EQ(kim.get(payment_path, {"If-None-Match: " + payment.header("ETag")}).status, 304);
  EXPECT_EQ(at(kim.get("/v1/payments?status=completed&order_id=" + text_at(order, "/id")).json(), "/payments/0"), payment.json());
  EXPECT_EQ(at(kim.get("/v1/payments?status=failed").json(), "/payments").as_array().size(), 0U);
  problem_code(lee.get(payment_path), 404);

  const std::string saga_path = "/v1/sagas/" + text_at(order, "/saga_id");
  const Answer saga = kim.get(saga_path);
  EXPECT_EQ(text_at(saga.json(), "/steps/2/name"), "payment_processing");
  EXPECT_EQ(text_at(saga.json(), "/steps/2/state"), "succeeded");
  EXPECT_EQ(kim.get(saga_path, {"If-None-Match: " + saga.header("ETag")}).status, 304);
  problem_code(lee.get(saga_path), 404);
  problem_code(lee.get(saga_path + "/history"), 404);
  problem_code(kim.get(fmt::format("/v1/sagas/{}", absent_uuid)), 404);
  const auto history = whole(kim, saga_path + "/history");
  EXPECT_EQ(text_at(history.front(), "/type"), "SagaStarted");
  EXPECT_EQ(history.size(), static_cast<std::size_t>(at(saga.json(), "/version").as_int64()));
}

TEST_F(HttpV1Events, SagaFilters) {
  const auto order = place_paid(kim);
  const auto count = [&](std::string_view query) {
    return at(kim.get(fmt::format("/v1/sagas?{}", query)).json(), "/sagas").as_array().size();
  };
  EXPECT_EQ(count(""), 1U);
  EXPECT_EQ(count("state=completed&step=completed&definition=OrderProcessingSaga&older_than=0s"), 1U);
  EXPECT_EQ(count("state=parked"), 0U);
  EXPECT_EQ(count("older_than=1h"), 0U);
  EXPECT_EQ(count("error=timeout"), 0U);
  EXPECT_EQ(at(lee.get("/v1/sagas").json(), "/sagas").as_array().size(), 0U);
  for (const auto* query : {"state=x", "older_than=5", "older_than=m", "older_than=-5m", "older_than=1234567s", "definition="}) {
    problem_code(kim.get(fmt::format("/v1/sagas?{}", query)), 400);
  }
}

TEST_F(HttpV1Events, AnOrderIsStreamedFromItsBeginningAndResumedWithoutAGap) {
  const auto order = place_paid(kim);
  const std::string path = "/v1/orders/" + text_at(order, "/id");
  const auto listed = whole(kim, path + "/events");
  EventStream stream(harness, kim, path + "/stream");
  EXPECT_NE(stream.head().find("Content-Type: text/event-stream"), std::string::npos) << stream.head();
  const auto events = stream.until("SagaCompleted");
  EXPECT_EQ(data_of(events), listed);
  for (std::size_t i = 0; i + 1 < events.size(); ++i) {
    EventStream rest(harness, kim, path + "/stream", {"Last-Event-ID: " + events[i].id});
    EXPECT_EQ(data_of(rest.until("SagaCompleted")), bj::array(listed.begin() + static_cast<std::ptrdiff_t>(i) + 1, listed.end()));
  }
  // It stays open: what happens later follows.
  EXPECT_EQ(admin.post(path + "/ship").status, 200);
  EXPECT_EQ(stream.next().type, "OrderShipped");
}

TEST_F(HttpV1Events, TheLogIsStreamedLiveWithoutTheEventsOfOthers) {
  EventStream stream(harness, kim, "/v1/events/stream");
  EventStream filtered(harness, operator_, "/v1/events/stream?type=OrderConfirmed");
  place_paid(lee);
  const auto order = place_paid(kim);
  for (const auto& event : stream.until("SagaCompleted")) {
    EXPECT_EQ(text_at(event.data, "/correlation_id"), text_at(order, "/id"));
    EXPECT_EQ(event.type, text_at(event.data, "/type"));
  }
  EXPECT_NE(text_at(filtered.next().data, "/stream_id"), text_at(order, "/id"));
  EXPECT_EQ(text_at(filtered.next().data, "/stream_id"), text_at(order, "/id"));
}

TEST_F(HttpV1Events, AStreamResumesWhereAListEnded) {
  place_paid(kim);
  const std::string cursor = text_at(kim.get("/v1/events?limit=3").json(), "/next_cursor");
  const auto listed = whole(kim, "/v1/events?cursor=" + cursor, 1000);
  EventStream stream(harness, kim, "/v1/events/stream?cursor=" + cursor);
  EXPECT_EQ(data_of(stream.until("SagaCompleted")), listed);
}

TEST_F(HttpV1Events, WhatCannotBeStreamed) {
  const std::string path = "/v1/orders/" + text_at(place(kim), "/id") + "/stream";
  problem_code(lee.get(path), 404);
  problem_code(harness.nobody().get(path), 401);
  EXPECT_EQ(problem_code(kim.get(path, {"Last-Event-ID: nonsense"}), 400), "invalid_cursor");
  problem_code(kim.get("/v1/events/stream?cursor=nonsense"), 400);
}

TEST_F(HttpV1Events, StreamsAreBounded) {
  operations->streams_max = 1;
  const EventStream first(harness, kim, "/v1/events/stream");
  const Answer second = kim.get("/v1/events/stream");
  EXPECT_EQ(problem_code(second, 503), "too_many_streams");
  EXPECT_EQ(second.header("Retry-After"), "1");
}

}  // namespace
}  // namespace edda::http

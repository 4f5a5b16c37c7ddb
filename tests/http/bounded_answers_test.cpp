#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include "http/v1_fixture.hpp"
#include "ports/read_limits.hpp"

namespace edda::http {
namespace {

/// Lists of orders as large as a body may be: six of them pass what one answer may hold.
class HttpBoundedAnswers : public V1Test {
 protected:
  static constexpr std::size_t orders = 6;

  void SetUp() override {
    for (std::size_t i = 0; i < orders; ++i) {
      const Answer placed = kim.post("/v1/orders", huge_order(i), {key(fmt::format("huge-{}", i))});
      ASSERT_EQ(placed.status, 201) << placed.body.substr(0, 500);
    }
  }

  static std::string huge_order(std::size_t number) {
    std::string name;  // as long as it may be, in characters of three bytes
    for (int character = 0; character < 255; ++character) name += "책";
    std::string lines;
    for (std::size_t line = 0; line < 1'000; ++line) {
      lines += fmt::format(R"({}{{"product_id":"{:0>100}","product_name":"{}","quantity":1,)"
                           R"("price":{{"amount":1,"currency":"USD"}}}})",
                           line == 0 ? "" : ",", number * 1'000 + line, name);
    }
    return fmt::format(R"({{"items":[{}],"shipping_address":"1 Saga Street"}})", lines);
  }

  /// The rows of a list that had to end early.
  static std::size_t rows_of(const Answer& answer, std::string_view name) {
    EXPECT_EQ(answer.status, 200) << answer.body.substr(0, 500);
    EXPECT_GT(answer.body.size(), answer_bytes_max);
    EXPECT_LT(answer.body.size(), answer_bytes_max + huge_order(0).size() + 10'000);
    return at(answer.json(), fmt::format("/{}", name)).as_array().size();
  }
};

TEST_F(HttpBoundedAnswers, AnOldPageIsShorterButCountsAll) {
  for (const auto* list : {"orders", "sagas"}) {
    const Answer answer = kim.get(fmt::format("/{}?limit=1000", list));
    EXPECT_LT(rows_of(answer, list), orders);
    EXPECT_EQ(at(answer.json(), "/total"), orders);
    EXPECT_EQ(at(answer.json(), "/limit"), 1'000);
    EXPECT_EQ(at(kim.get(fmt::format("/{}?limit=1&page={}", list, orders)).json(), fmt::format("/{}", list))
                  .as_array()
                  .size(),
              1U);
  }
}

TEST_F(HttpBoundedAnswers, OldListsWithoutPagesKeepTheTrueCount) {
  eventually("all are completed", [&] {
    return at(kim.get("/sagas/orders/processing").json(), "/sagas").as_array().size() == orders &&
           at(kim.get("/saga/active").json(), "/count") == 0;
  });
  const Answer answer = kim.get("/sagas/status/completed");
  EXPECT_LT(rows_of(answer, "sagas"), orders);
  EXPECT_EQ(at(answer.json(), "/count"), orders);
}

TEST_F(HttpBoundedAnswers, AV1PageEndsEarlyAndItsCursorGoesOn) {
  const Answer first = kim.get("/v1/orders?limit=100");
  const std::size_t shown = rows_of(first, "orders");
  ASSERT_LT(shown, orders);
  EXPECT_EQ(at(first.json(), "/has_more"), true);
  const Answer rest = kim.get("/v1/orders?limit=100&cursor=" + text_at(first.json(), "/next_cursor"));
  EXPECT_EQ(at(rest.json(), "/orders").as_array().size(), orders - shown);
  EXPECT_EQ(at(rest.json(), "/has_more"), false);
}

TEST_F(HttpBoundedAnswers, TheLatestEventsAreFewerWhenTheyAreLarge) {
  for (const Caller& caller : {kim, admin}) {
    const Answer answer = caller.get("/trace/events?eventType=OrderCreated&limit=100");
    const std::size_t shown = rows_of(answer, "events");
    EXPECT_LT(shown, orders);
    EXPECT_EQ(at(answer.json(), "/statistics/totalReturned"), shown);
  }
}

}  // namespace
}  // namespace edda::http

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "cli/api.hpp"
#include "cli/order_item.hpp"
#include "cli/terminal.hpp"
#include "cli/user_rows.hpp"

namespace edda::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

TEST(UnitCliItem, ReadsProductQuantityAndPrice) {
  const auto full = parse_item("BOOK-1:2:19.99", "USD");
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ(full->product, "BOOK-1");
  EXPECT_EQ(full->quantity, 2);
  EXPECT_EQ(full->price.minor, 1999);
  EXPECT_EQ(parse_item("BOOK-1", "USD")->price.minor, 1000);
  EXPECT_EQ(parse_item("BOOK-1:3", "USD")->quantity, 3);
  EXPECT_EQ(parse_item("urn:isbn:1:3:5", "KRW")->product, "urn:isbn:1");
  EXPECT_EQ(parse_item("A:1:500", "KRW")->price.minor, 500);
}

TEST(UnitCliItem, RefusesWhatIsNone) {
  for (const char* text : {"", ":1", "A:0", "A:-1", "A:x", "A:1:x", "A:1:1.005", "A:1:-1", "A:1.5", "A::1"}) {
    EXPECT_FALSE(parse_item(text, "USD").has_value()) << text;
  }
  EXPECT_FALSE(parse_item("A", "usd").has_value());
  EXPECT_FALSE(parse_item("A:1:0.5", "KRW").has_value());
}

TEST(UnitCliEndpoint, ReadsHostAndPort) {
  EXPECT_EQ(parse_endpoint("http://127.0.0.1:3000")->port, "3000");
  EXPECT_EQ(parse_endpoint("http://edda.example/")->port, "80");
  EXPECT_EQ(parse_endpoint("http://[::1]:8080")->host, "::1");
  for (const char* url : {"", "3000", "localhost:3000", "https://x", "http://", "http://x/api", "ftp://x"}) {
    EXPECT_FALSE(parse_endpoint(url).has_value()) << url;
  }
}

TEST(UnitCliQuery, LeavesOutWhatIsEmptyAndEncodesTheRest) {
  EXPECT_EQ(Query().add("a", "").text(), "");
  EXPECT_EQ(Query().add("a", "1").add("b", "").add("c", "x y&z/ü").text(), "?a=1&c=x%20y%26z%2F%C3%BC");
}

TEST(UnitCliSse, SplitsEventsWhereverPiecesEnd) {
  const std::string stream = ": hello\n\nid: 1\nevent: OrderCreated\ndata: {\"a\":1}\n\nevent:two\r\ndata:x\r\ndata: y\r\n\r\n";
  for (std::size_t size = 1; size <= stream.size(); ++size) {
    SseSplitter splitter;
    std::vector<std::pair<std::string, std::string>> events;
    for (std::size_t at = 0; at < stream.size(); at += size) {
      splitter.feed(std::string_view(stream).substr(at, size), [&](std::string_view type, std::string_view data) {
        events.emplace_back(type, data);
        return true;
      });
    }
    EXPECT_THAT(events, ElementsAre(Pair("OrderCreated", "{\"a\":1}"), Pair("two", "x\ny"))) << "pieces of " << size;
  }
}

TEST(UnitCliSse, StopsWhenTold) {
  SseSplitter splitter;
  int seen = 0;
  EXPECT_FALSE(splitter.feed("data: 1\n\ndata: 2\n\n", [&](std::string_view, std::string_view) { return ++seen < 1; }));
  EXPECT_EQ(seen, 1);
}

TEST(UnitCliText, ShowsMembersAsAPersonReadsThem) {
  const auto value = boost::json::parse(R"({"a":{"b":"text"},"n":null,"i":3,"m":{"amount":1999,"currency":"USD"},"k":{"amount":5,"currency":"KRW"}})");
  EXPECT_EQ(text_at(value, "a.b"), "text");
  EXPECT_EQ(text_at(value, "n"), "");
  EXPECT_EQ(text_at(value, "absent.deep"), "");
  EXPECT_EQ(text_at(value, "i"), "3");
  EXPECT_EQ(text_at(value, "m"), "19.99 USD");
  EXPECT_EQ(text_at(value, "k"), "5 KRW");
}

TEST(UnitCliUserRows, ReadsTheReplacedSystemsUsers) {
  const auto rows = parse_user_rows(R"([{"id":"1","email":"a@b.c","password":"$2b$12$x","firstName":"A","lastName":"B","role":"admin",
      "status":"inactive","emailVerified":true,"refreshToken":null,"createdAt":"2024-01-01T00:00:00"}])");
  ASSERT_TRUE(rows.has_value());
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(rows->front().role, "admin");
  EXPECT_EQ(rows->front().status, "inactive");
  EXPECT_TRUE(rows->front().email_verified);
}

TEST(UnitCliUserRows, NamesRowAndFieldButNeverTheHash) {
  const auto rows = parse_user_rows(R"([{"id":"1","password":"$2b$12$secret"}])");
  ASSERT_FALSE(rows.has_value());
  EXPECT_THAT(rows.error().message, HasSubstr("row 1 has no text \"email\""));
  EXPECT_THAT(rows.error().message, Not(HasSubstr("secret")));
  EXPECT_FALSE(parse_user_rows("{}").has_value());
  EXPECT_FALSE(parse_user_rows("nonsense").has_value());
}

}  // namespace
}  // namespace edda::cli

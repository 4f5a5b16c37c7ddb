#include <gtest/gtest.h>

#include "http/message.hpp"

namespace edda::http {

TEST(UnitHttpMessage, DecodesPathAndQueryAndKeepsDuplicates) {
  const Request request = make_request(Method::get, "/trace/a%20b?status=paid&tag=x&tag=y%26z&q=a+b&flag&&empty=");

  EXPECT_EQ(request.path, "/trace/a b");
  EXPECT_EQ(request.query("status"), "paid");
  EXPECT_EQ(request.query_parameters.find_all("tag"), (std::vector<std::string_view>{"x", "y&z"}));
  EXPECT_EQ(request.query("q"), "a b");
  EXPECT_EQ(request.query("flag"), "");
  EXPECT_EQ(request.query("empty"), "");
  EXPECT_EQ(request.query("absent"), std::nullopt);
}

TEST(UnitHttpMessage, RefusesTargetsThatDecodeToNoText) {
  Request request;
  EXPECT_FALSE(set_target(request, "/orders/%00"));
  EXPECT_FALSE(set_target(request, "/orders/%ff"));
  EXPECT_FALSE(set_target(request, "/orders/%c0%af"));
  EXPECT_FALSE(set_target(request, "/orders/%4"));
  EXPECT_FALSE(set_target(request, "/orders/%zz"));
  EXPECT_FALSE(set_target(request, "/orders?status=%ed%a0%80"));
  EXPECT_TRUE(set_target(request, "/orders?status=%ed%95%9c"));
}

TEST(UnitHttpMessage, TellsTheTwoInterfacesByThePrefix) {
  EXPECT_EQ(make_request(Method::get, "/v1/orders").face, Face::v1);
  EXPECT_EQ(make_request(Method::get, "/v1?x").face, Face::v1);
  EXPECT_EQ(make_request(Method::get, "/v10").face, Face::old);
  EXPECT_EQ(make_request(Method::get, "/orders").face, Face::old);
}

TEST(UnitHttpMessage, FindsHeadersInAnyCase) {
  Request request = make_request(Method::get, "/");
  request.headers.add("If-Match", "\"3\"");
  EXPECT_EQ(request.header("if-match"), "\"3\"");
  EXPECT_EQ(request.header("If-None-Match"), std::nullopt);
}

TEST(UnitHttpMessage, ClearedRequestsHoldNothingOfTheLastOne) {
  Request request = make_request(Method::post, "/orders?x=1", "{}");
  request.principal = Principal{};
  request.clear();
  EXPECT_EQ(request.query("x"), std::nullopt);
  EXPECT_EQ(request.header("Content-Type"), std::nullopt);
  EXPECT_TRUE(request.body.empty() && request.path.empty() && !request.principal);
}

}  // namespace edda::http

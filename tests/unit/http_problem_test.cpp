#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "http/problem.hpp"
#include "support/header_of.hpp"

namespace edda::http {

using testing_support::header_of;

TEST(UnitProblem, OldRoutesAnswerMessageErrorAndStatusCode) {
  const Request request = make_request(Method::get, "/orders/1");
  const Response response = render(request, Problem{.status = 404, .detail = "Order not found"});
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "application/json; charset=utf-8");
  EXPECT_EQ(response.body, R"({"message":"Order not found","error":"Not Found","statusCode":404})");
}

TEST(UnitProblem, OldRoutesLeaveErrorOutWhereTheReplacedSystemDoes) {
  const Request request = make_request(Method::get, "/orders");
  EXPECT_EQ(render(request, Problem{.status = 401, .detail = "Unauthorized"}).body,
            R"({"message":"Unauthorized","statusCode":401})");
  EXPECT_EQ(render(request, Problem{.status = 401, .detail = "Invalid credentials"}).body,
            R"({"message":"Invalid credentials","error":"Unauthorized","statusCode":401})");
  EXPECT_EQ(render(request, Problem{.status = 413, .detail = "request entity too large"}).body,
            R"({"message":"request entity too large","statusCode":413})");
  EXPECT_EQ(render(request, Problem{.status = 500, .detail = "Internal server error"}).body,
            R"({"message":"Internal server error","statusCode":500})");
}

TEST(UnitProblem, OldRoutesListValidationMessages) {
  const Request request = make_request(Method::post, "/orders", "{}");
  const Response response = render(
      request, Problem{.status = 400,
                       .detail = "The body is wrong in two places.",
                       .errors = {{"/items", "items must be an array"}, {"/foo", "property foo should not exist"}}});
  EXPECT_EQ(
      response.body,
      R"({"message":["items must be an array","property foo should not exist"],"error":"Bad Request","statusCode":400})");
}

TEST(UnitProblem, OldRoutesMayHaveABodyOfTheirOwn) {
  Problem problem{.status = 409, .detail = "Taken.", .old_body = R"({"error":"DUPLICATE_ORDER"})"};
  EXPECT_EQ(render(make_request(Method::post, "/orders"), problem).body, R"({"error":"DUPLICATE_ORDER"})");
  EXPECT_NE(render(make_request(Method::post, "/v1/orders"), problem).body, R"({"error":"DUPLICATE_ORDER"})");
}

TEST(UnitProblem, V1AnswersRfc9457) {
  const Request request = make_request(Method::post, "/v1/orders");
  const Response response = render(
      request, Problem{.status = 400, .detail = "A price is missing.", .errors = {{"/items/0/price", "is missing"}}});
  const auto body = boost::json::parse(response.body).as_object();
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(body.at("type"), "about:blank");
  EXPECT_EQ(body.at("title"), "Bad Request");
  EXPECT_EQ(body.at("status"), 400);
  EXPECT_EQ(body.at("code"), "invalid_request");
  EXPECT_EQ(body.at("detail"), "A price is missing.");
  EXPECT_EQ(body.at("errors").at(0).at("pointer"), "/items/0/price");
  EXPECT_FALSE(body.at("next").as_string().empty());
}

TEST(UnitProblem, AcceptAsksForRfc9457OnOldRoutes) {
  Request request = make_request(Method::get, "/orders/1");
  request.headers.add("Accept", "application/json, application/problem+json");
  EXPECT_EQ(render(request, Problem{.status = 404, .detail = "Order not found"}).content_type,
            "application/problem+json");
}

TEST(UnitProblem, ErrorsMapToStatuses) {
  EXPECT_EQ(status_of({Errc::invalid_argument, ""}), 400);
  EXPECT_EQ(status_of({Errc::unauthenticated, ""}), 401);
  EXPECT_EQ(status_of({Errc::forbidden, ""}), 403);
  EXPECT_EQ(status_of({Errc::not_found, ""}), 404);
  EXPECT_EQ(status_of({Errc::rejected, ""}), 409);
  EXPECT_EQ(status_of({Errc::already_exists, ""}), 409);
  EXPECT_EQ(status_of({Errc::version_conflict, ""}), 409);
  EXPECT_EQ(status_of({Errc::version_conflict, ""}, 412), 412);
  EXPECT_EQ(status_of({Errc::overloaded, ""}), 503);
  EXPECT_EQ(status_of({Errc::overloaded, "", "", "throttled"}), 429);
  EXPECT_EQ(status_of({Errc::unavailable, ""}), 503);
  EXPECT_EQ(status_of({Errc::outcome_unknown, ""}), 503);
  EXPECT_EQ(status_of({Errc::cancelled, ""}), 503);
  EXPECT_EQ(status_of({Errc::corrupt, ""}), 500);
  EXPECT_EQ(status_of({Errc::internal, ""}), 500);
}

TEST(UnitProblem, InternalErrorsShowNothing) {
  for (const char* target : {"/orders", "/v1/orders"}) {
    const Request request = make_request(Method::get, target);
    const Response response = render(request, Error{Errc::internal, "near /srv/secret: bad page", "/x", "disk_page"});
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(response.body.find("secret"), std::string::npos);
    EXPECT_EQ(response.body.find("disk_page"), std::string::npos);
  }
}

TEST(UnitProblem, RetryableErrorsSayWhen) {
  const Request request = make_request(Method::get, "/v1/orders");
  EXPECT_EQ(header_of(render(request, Error{Errc::unavailable, "The store is away."}), "Retry-After"), "1");
  Error throttled{Errc::overloaded, "Too many tries.", "", "throttled"};
  throttled.retry_after = std::chrono::seconds(42);
  EXPECT_EQ(header_of(render(request, throttled), "Retry-After"), "42");
  EXPECT_EQ(header_of(render(request, Error{Errc::not_found, "No."}), "Retry-After"), "");
}

}  // namespace edda::http

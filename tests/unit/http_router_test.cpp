#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <stdexcept>

#include "http/negotiation.hpp"
#include "http/router.hpp"
#include "support/header_of.hpp"

namespace edda::http {

namespace {

using testing_support::header_of;

Route route(Method method, std::string path, Access access = Access::open()) {
  return Route{
      .method = method, .path = path, .name = path, .access = access, .handler = [path](Request&) -> Task<Response> {
        co_return text(200, path);
      }};
}

Response dispatch(Router& router, Request& request) {
  boost::asio::io_context context;
  Response response;
  boost::asio::co_spawn(
      context, [&]() -> Task<void> { response = co_await router.dispatch(request); },
      [](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);
      });
  context.run();
  return response;
}

Response dispatch(Router& router, Method method, std::string_view target, std::string body = {}) {
  Request request = make_request(method, target, std::move(body));
  return dispatch(router, request);
}

Authenticator everybody_is(Role role) {
  return [role](Request&) -> Task<Result<Principal>> { co_return Principal{.user = {}, .email = "a@b", .role = role}; };
}

}  // namespace

TEST(UnitRouter, PrefersStaticSegmentsToParameters) {
  Router router;
  router.add(route(Method::get, "/sagas/{id}"));
  router.add(route(Method::get, "/sagas/orders/processing"));
  router.add(route(Method::get, "/sagas/{id}/history"));
  EXPECT_EQ(dispatch(router, Method::get, "/sagas/orders/processing").body, "/sagas/orders/processing");
  EXPECT_EQ(dispatch(router, Method::get, "/sagas/orders").body, "/sagas/{id}");
  EXPECT_EQ(dispatch(router, Method::get, "/sagas/orders/history").body, "/sagas/{id}/history");
}

TEST(UnitRouter, FillsParametersDecodedSegmentBySegment) {
  Router router;
  router.add({.method = Method::get,
              .path = "/lock/{key}/{part}",
              .name = "x",
              .handler = [](Request& request) -> Task<Response> {
                co_return text(200, std::string(request.param("key")) + "|" + std::string(request.param("part")));
              }});
  EXPECT_EQ(dispatch(router, Method::get, "/lock/..%2fetc/a%20b?q=1").body, "../etc|a b");
  EXPECT_EQ(dispatch(router, Method::get, "/lock//b").status, 404);
}

TEST(UnitRouter, IgnoresOneSlashAtTheEnd) {
  Router router;
  router.add(route(Method::get, "/"));
  router.add(route(Method::get, "/orders"));
  EXPECT_EQ(dispatch(router, Method::get, "/orders/").status, 200);
  EXPECT_EQ(dispatch(router, Method::get, "/orders//").status, 404);
  EXPECT_EQ(dispatch(router, Method::get, "/").status, 200);
  EXPECT_EQ(dispatch(router, Method::get, "/?x=1").status, 200);
}

TEST(UnitRouter, AnswersUnknownPathsAsTheReplacedSystem) {
  Router router;
  const Response response = dispatch(router, Method::get, "/x?y=1");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, R"({"message":"Cannot GET /x?y=1","error":"Not Found","statusCode":404})");
  EXPECT_EQ(dispatch(router, Method::get, "/v1/x").content_type, "application/problem+json");
}

TEST(UnitRouter, AnswersKnownPathsOfOtherMethodsWithAllow) {
  Router router;
  router.add(route(Method::get, "/orders"));
  router.add(route(Method::post, "/orders"));
  const Response response = dispatch(router, Method::put, "/orders");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(header_of(response, "Allow"), "GET, POST, HEAD");
  const Response trace = dispatch(router, Method::other, "/orders");
  EXPECT_EQ(trace.status, 405);
  EXPECT_EQ(header_of(trace, "Allow"), "GET, POST, HEAD");
  EXPECT_EQ(dispatch(router, Method::other, "/nowhere").status, 405);
}

TEST(UnitRouter, AnswersHeadByGet) {
  Router router;
  router.add(route(Method::get, "/orders"));
  EXPECT_EQ(dispatch(router, Method::head, "/orders").status, 200);
}

TEST(UnitRouter, OpensCorsUnlessTold) {
  Router open;
  open.add(route(Method::get, "/orders"));
  Request request = make_request(Method::options, "/orders");
  request.headers.add("Access-Control-Request-Method", "PUT");
  request.headers.add("Access-Control-Request-Headers", "authorization");
  const Response preflight = dispatch(open, request);
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Methods"), "GET,HEAD,PUT,PATCH,POST,DELETE");
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Headers"), "authorization");
  EXPECT_EQ(header_of(dispatch(open, Method::get, "/orders"), "Access-Control-Allow-Origin"), "*");

  Router closed(RouterOptions{.cors_open = false});
  closed.add(route(Method::get, "/orders"));
  const Response options = dispatch(closed, Method::options, "/orders");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(header_of(options, "Allow"), "GET, HEAD");
  EXPECT_EQ(header_of(dispatch(closed, Method::get, "/orders"), "Access-Control-Allow-Origin"), "");
}

TEST(UnitRouter, AsksWhoItIsUnlessTheRouteIsOpen) {
  Router router;
  router.add(route(Method::get, "/open"));
  router.add(route(Method::get, "/closed", Access::signed_in()));
  EXPECT_EQ(dispatch(router, Method::get, "/open").status, 200);
  const Response refused = dispatch(router, Method::get, "/closed");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.body, R"({"message":"Unauthorized","statusCode":401})");

  router.set_authenticator(everybody_is(Role::customer));
  Request request = make_request(Method::get, "/closed");
  EXPECT_EQ(dispatch(router, request).status, 200);
  EXPECT_EQ(request.principal->email, "a@b");
}

TEST(UnitRouter, LetsOnlyTheNamedRolesThrough) {
  Router router;
  router.add(route(Method::get, "/v1/audit", Access::roles({Role::operator_, Role::admin})));
  router.set_authenticator(everybody_is(Role::merchant));
  EXPECT_EQ(dispatch(router, Method::get, "/v1/audit").status, 403);
  router.set_authenticator(everybody_is(Role::operator_));
  EXPECT_EQ(dispatch(router, Method::get, "/v1/audit").status, 200);
}

TEST(UnitRouter, TakesJsonBodiesOnly) {
  Router router;
  router.add(route(Method::post, "/orders"));
  EXPECT_EQ(dispatch(router, Method::post, "/orders", "{}").status, 200);
  EXPECT_EQ(dispatch(router, Method::post, "/orders").status, 200);
  Request xml = make_request(Method::post, "/orders");
  xml.body = "<a/>";
  EXPECT_EQ(dispatch(router, xml).status, 415);
  xml.headers.add("Content-Type", "text/xml");
  EXPECT_EQ(dispatch(router, xml).status, 415);
}

TEST(UnitRouter, RefusesWhatItCannotProduce) {
  Router router;
  router.add(route(Method::get, "/orders"));
  Request picture = make_request(Method::get, "/orders");
  picture.headers.add("Accept", "image/png");
  EXPECT_EQ(dispatch(router, picture).status, 406);
}

TEST(UnitRouter, ReadsAcceptLeniently) {
  EXPECT_TRUE(accepts("", "application/json"));
  EXPECT_TRUE(accepts("*/*", "application/json"));
  EXPECT_TRUE(accepts("application/*", "application/json"));
  EXPECT_TRUE(accepts("text/html, application/json;q=0.5", "application/json"));
  EXPECT_TRUE(accepts("APPLICATION/JSON", "application/json"));
  EXPECT_TRUE(accepts("application/problem+json", "application/json"));
  EXPECT_TRUE(accepts("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"));
  EXPECT_TRUE(accepts("nonsense", "application/json"));
  EXPECT_FALSE(accepts("image/png", "application/json"));
  EXPECT_FALSE(accepts("text/*", "application/json"));
  EXPECT_FALSE(accepts("application/json;q=0", "application/json"));
}

TEST(UnitNegotiation, TheClosestRangeTellsHowMuchATypeIsWanted) {
  EXPECT_EQ(quality("", "text/plain"), 1);
  EXPECT_EQ(quality("*/*", "text/plain"), 1);
  EXPECT_EQ(quality("text/plain;version=0.0.4;q=0.5, */*;q=0.1", "text/plain"), 0.5);
  EXPECT_EQ(quality("text/plain;version=0.0.4;q=0.5, */*;q=0.1", "image/png"), 0.1);
  EXPECT_EQ(quality("text/plain;q=0, text/*;q=0.3, */*", "text/plain"), 0);
  EXPECT_EQ(quality("text/plain;q=0, text/*;q=0.3, */*", "text/csv"), 0.3);
  EXPECT_EQ(quality("text/plain;q=0.2, text/plain;version=1;q=0.4", "text/plain"), 0.4);
  EXPECT_EQ(quality("image/png", "text/plain"), 0);
  EXPECT_EQ(quality("text/plain;q=much", "text/plain"), 1);
}

TEST(UnitRouter, HidesWhatAHandlerThrowsAndTellsTheObserver) {
  Router router;
  router.add({.method = Method::get, .path = "/bad/{id}", .name = "bad", .handler = [](Request&) -> Task<Response> {
                throw std::runtime_error("secret detail");
                co_return Response{};
              }});
  std::string seen;
  router.set_observer([&](const Observation& o) {
    seen = std::string(o.route) + " " + std::to_string(o.status) + " " + std::string(o.failure);
  });
  const Response response = dispatch(router, Method::get, "/bad/1");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body, R"({"message":"Internal server error","statusCode":500})");
  EXPECT_EQ(seen, "/bad/{id} 500 secret detail");
}

TEST(UnitRouter, ListsItsRoutes) {
  Router router;
  router.add(route(Method::get, "/orders"));
  router.add(route(Method::get, "/v1/orders"));
  ASSERT_EQ(router.routes().size(), 2U);
  EXPECT_EQ(router.routes()[0]->face(), Face::old);
  EXPECT_EQ(router.routes()[1]->face(), Face::v1);
}

using UnitRouterDeathTest = testing::Test;

TEST(UnitRouterDeathTest, AssertsThatNoRouteIsThereTwice) {
  Router router;
  router.add(route(Method::get, "/orders/{id}"));
  EXPECT_DEATH(router.add(route(Method::get, "/orders/{other}")), "");
}

}  // namespace edda::http

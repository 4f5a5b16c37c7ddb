#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include "http/harness.hpp"

namespace edda::http {
namespace {

class HttpOldAuth : public ApiTest {};

constexpr std::string_view ada =
    R"({"email":"ada@example.com","password":"long enough","firstName":"Ada","lastName":"Lovelace"})";

bool says(const boost::json::value& json, std::string_view message) {
  const auto messages = at(json, "/message");
  if (!messages.is_array()) return false;
  for (const auto& text : messages.get_array()) {
    if (text.is_string() && text.get_string() == message) return true;
  }
  return false;
}

TEST_F(HttpOldAuth, RegisterSignsIn) {
  const Answer answer = harness.nobody().post("/auth/register", ada);
  EXPECT_EQ(answer.status, 201);
  const auto json = answer.json();
  EXPECT_EQ(fields_of(json), "accessToken refreshToken user");
  EXPECT_EQ(fields_of(at(json, "/user")), "email firstName id lastName role status");
  EXPECT_EQ(text_at(json, "/user/role"), "customer");
  EXPECT_EQ(text_at(json, "/user/status"), "active");
}

TEST_F(HttpOldAuth, RegisterSaysWhatIsWrongAsAList) {
  const Answer answer = harness.nobody().post(
      "/auth/register", R"({"email":"x","password":"short","firstName":"A","lastName":"B","foo":1})");
  EXPECT_EQ(answer.status, 400);
  const auto json = answer.json();
  EXPECT_EQ(fields_of(json), "error message statusCode");
  EXPECT_TRUE(says(json, "property foo should not exist")) << answer.body;
  EXPECT_TRUE(says(json, "email must be an email")) << answer.body;
  EXPECT_TRUE(says(json, "password must be longer than or equal to 8 characters")) << answer.body;
}

TEST_F(HttpOldAuth, ProblemJsonPointsAtEachFault) {
  const Answer answer =
      harness.nobody().post("/auth/register", R"({"email":"a@b.co","password":"long enough","firstName":"A"})",
                            {"Accept: application/problem+json"});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(text_at(answer.json(), "/errors/0/pointer"), "/lastName");
}

TEST_F(HttpOldAuth, AnAddressRegistersOnce) {
  harness.nobody().post("/auth/register", ada);
  const Answer again = harness.nobody().post("/auth/register", ada);
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(text_at(again.json(), "/message"), "Email already exists");
}

TEST_F(HttpOldAuth, LoginLetsUnknownFieldsPass) {
  harness.nobody().post("/auth/register", ada);
  const Answer answer =
      harness.nobody().post("/auth/login", R"({"email":"ada@example.com","password":"long enough","remember":true})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(fields_of(answer.json()), "accessToken refreshToken user");
}

TEST_F(HttpOldAuth, AWrongPasswordIsUnauthorized) {
  harness.nobody().post("/auth/register", ada);
  const Answer answer = harness.nobody().post("/auth/login", R"({"email":"ada@example.com","password":"another one"})");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.body, R"({"message":"Invalid credentials","error":"Unauthorized","statusCode":401})");
}

TEST_F(HttpOldAuth, ProfileShowsTheAccount) {
  const Caller caller = harness.sign_up("ada");
  const auto json = caller.get("/auth/profile").json();
  EXPECT_EQ(fields_of(json), "createdAt email emailVerified firstName fullName id lastName role status updatedAt");
  EXPECT_EQ(text_at(json, "/fullName"), "ada Test");
}

TEST_F(HttpOldAuth, ProtectedGreetsThoseWhoAreSignedIn) {
  const Caller caller = harness.sign_up("ada");
  const auto json = caller.get("/protected").json();
  EXPECT_EQ(text_at(json, "/message"), "인증된 사용자만 볼 수 있는 데이터입니다! 🔒");
  EXPECT_EQ(fields_of(at(json, "/user")), "email id role");
}

TEST_F(HttpOldAuth, LogoutVoidsTheRefreshTokenAndLeavesTheAccessTokenGood) {
  const auto registered = harness.nobody().post("/auth/register", ada).json();
  const Caller caller(harness, text_at(registered, "/accessToken"));
  const Answer answer = caller.post("/auth/logout");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"message":"Logout successful"})");
  EXPECT_EQ(caller.get("/auth/profile").status, 200);
  EXPECT_EQ(caller.post("/auth/logout").status, 200) << "again";
  const auto refreshed = harness.run(
      harness.accounts.refresh(text_at(registered, "/refreshToken"), {"127.0.0.1", "test"}, harness.deadline()));
  ASSERT_FALSE(refreshed.has_value());
  EXPECT_EQ(refreshed.error().code, Errc::unauthenticated);
}

TEST_F(HttpOldAuth, WithoutATokenThereIsNoEntry) {
  for (const std::string path : {"/auth/profile", "/protected", "/orders", "/sagas", "/saga/active", "/trace/events",
                                 "/trace/active-flows", "/saga/maintenance/saga-health"}) {
    const Answer answer = harness.nobody().get(path);
    EXPECT_EQ(answer.status, 401) << path;
    EXPECT_EQ(answer.body, R"({"message":"Unauthorized","statusCode":401})") << path;
  }
  EXPECT_EQ(Caller(harness, "not.a.token").get("/orders").status, 401);
}

}  // namespace
}  // namespace edda::http

#include <fmt/format.h>

#include "http/v1_fixture.hpp"

namespace edda::http {
namespace {

class HttpV1Accounts : public V1Test {
 protected:
  Answer refresh(const std::string& token) {
    return harness.nobody().post("/v1/auth/refresh", fmt::format(R"({{"refresh_token":"{}"}})", token));
  }
  Answer log_in(std::string_view email, std::string_view password = "long enough") {
    return harness.nobody().post("/v1/auth/login", fmt::format(R"({{"email":"{}","password":"{}"}})", email, password));
  }
  Caller with(const std::string& token) { return Caller(harness, token); }
};

TEST_F(HttpV1Accounts, RegisteringSignsIn) {
  const Answer answer = harness.nobody().post(
      "/v1/auth/register",
      R"({"email":"ada@example.com","password":"long enough","first_name":"Ada","last_name":"L"})");
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(fields_of(answer.json()), "access_token expires_in refresh_token token_type user");
  EXPECT_EQ(fields_of(at(answer.json(), "/user")),
            "created_at email email_verified first_name id last_name role status updated_at");
  EXPECT_EQ(with(text_at(answer.json(), "/access_token")).get("/v1/orders").status, 200);
  problem_code(
      harness.nobody().post("/v1/auth/register",
                            R"({"email":"ada@example.com","password":"long enough","first_name":"A","last_name":"L"})"),
      409);
}

TEST_F(HttpV1Accounts, ARegistrationsFaultsArePointedAt) {
  const auto refused = [&](std::string_view body) {
    const Answer answer = harness.nobody().post("/v1/auth/register", body);
    problem_code(answer, 400);
    return text_at(answer.json(), "/errors/0/pointer");
  };
  EXPECT_EQ(refused(R"({"email":"no","password":"long enough","first_name":"A","last_name":"L"})"), "/email");
  EXPECT_EQ(refused(R"({"email":"a@b.cd","password":"short","first_name":"A","last_name":"L"})"), "/password");
  EXPECT_EQ(refused(R"({"email":"a@b.cd","password":"long enough","first_name":null,"last_name":"L"})"), "/first_name");
  EXPECT_EQ(refused(R"({"email":"a@b.cd","password":"long enough","first_name":"A"})"), "/last_name");
  EXPECT_EQ(refused(R"({"role":"admin","email":"a@b.cd","password":"long enough","first_name":"A","last_name":"L"})"),
            "/role");
  EXPECT_EQ(refused("[]"), "");
  problem_code(harness.nobody().post("/v1/auth/login", R"({"email":"a","email":"b","password":"x"})"), 400);
}

TEST_F(HttpV1Accounts, LoginTellsNobodyWhetherTheAddressExists) {
  const auto known = log_in("kim@example.com", "not this one");
  const auto unknown = log_in("nobody@example.com", "not this one");
  problem_code(known, 401);
  EXPECT_EQ(text_at(known.json(), "/detail"), text_at(unknown.json(), "/detail"));
  EXPECT_EQ(log_in("kim@example.com").status, 200);
}

TEST_F(HttpV1Accounts, AReusedRefreshTokenEndsItsSession) {
  const auto first = log_in("kim@example.com").json();
  const Answer second = refresh(text_at(first, "/refresh_token"));
  ASSERT_EQ(second.status, 200) << second.body;
  EXPECT_EQ(with(text_at(second.json(), "/access_token")).get("/v1/auth/sessions").status, 200);
  const Answer third = refresh(text_at(second.json(), "/refresh_token"));
  ASSERT_EQ(third.status, 200) << third.body;
  problem_code(refresh(text_at(first, "/refresh_token")), 401);
  problem_code(refresh(text_at(third.json(), "/refresh_token")), 401);
  problem_code(with(text_at(third.json(), "/access_token")).get("/v1/auth/sessions"), 401);
  problem_code(refresh(kim.token()), 401);
  problem_code(refresh("nonsense"), 401);
}

TEST_F(HttpV1Accounts, ARefreshWhoseAnswerWasLostMayBeRepeatedAtOnce) {
  const auto first = log_in("kim@example.com").json();
  ASSERT_EQ(refresh(text_at(first, "/refresh_token")).status, 200);
  const Answer again = refresh(text_at(first, "/refresh_token"));
  ASSERT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(refresh(text_at(again.json(), "/refresh_token")).status, 200);
}

TEST_F(HttpV1Accounts, SessionsAreListedAndEndedOneByOne) {
  const auto other = with(text_at(log_in("kim@example.com").json(), "/access_token"));
  const auto page = kim.get("/v1/auth/sessions").json();
  const auto sessions = at(page, "/sessions").as_array();
  ASSERT_EQ(sessions.size(), 2U);
  const bool first_is_own = at(sessions[0], "/current").as_bool();
  EXPECT_NE(first_is_own, at(sessions[1], "/current").as_bool());
  const std::string path = "/v1/auth/sessions/" + text_at(sessions[first_is_own ? 1 : 0], "/id");
  problem_code(lee.call("DELETE", path), 404);
  EXPECT_EQ(kim.call("DELETE", path).status, 204);
  problem_code(other.get("/v1/auth/sessions"), 401);
  EXPECT_EQ(kim.get("/v1/auth/sessions").status, 200);
}

TEST_F(HttpV1Accounts, LoggingOutEndsOneSessionOrAll) {
  const auto other = with(text_at(log_in("kim@example.com").json(), "/access_token"));
  EXPECT_EQ(kim.post("/v1/auth/logout").status, 204);
  problem_code(kim.get("/v1/auth/sessions"), 401);
  const auto third = with(text_at(log_in("kim@example.com").json(), "/access_token"));
  EXPECT_EQ(other.post("/v1/auth/logout-all").status, 204);
  problem_code(third.get("/v1/auth/sessions"), 401);
  EXPECT_EQ(lee.call("DELETE", "/v1/auth/sessions").status, 204);
  problem_code(lee.get("/v1/auth/sessions"), 401);
}

TEST_F(HttpV1Accounts, TheAdminChangesUsersOnRecord) {
  const std::string path = "/v1/users/" + kim.user();
  for (const Caller& caller : {kim, operator_, merchant}) {
    problem_code(caller.get("/v1/users"), 403);
    problem_code(caller.call("PATCH", path, R"({"role":"admin"})"), 403);
  }
  const Answer changed = admin.call("PATCH", path, R"({"role":"merchant","reason":"sells books"})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(text_at(changed.json(), "/role"), "merchant");
  problem_code(kim.get("/v1/orders"), 401);
  const auto entry = at(admin.get("/v1/audit?subject=" + kim.user()).json(), "/entries/0");
  EXPECT_EQ(fields_of(entry), "action actor_email actor_id at details id reason subject");
  EXPECT_EQ(text_at(entry, "/actor_id"), admin.user());
  EXPECT_EQ(text_at(entry, "/reason"), "sells books");
  EXPECT_EQ(text_at(admin.call("PATCH", path, R"({"status":"inactive"})").json(), "/status"), "inactive");
  problem_code(log_in("kim@example.com"), 401);
  EXPECT_EQ(text_at(admin.get(path).json(), "/status"), "inactive");
}

TEST_F(HttpV1Accounts, WhatCannotBeDoneToAUser) {
  const std::string path = "/v1/users/" + kim.user();
  for (const auto* body :
       {"{}", R"({"reason":"x"})", R"({"role":"king"})", R"({"status":null})", R"({"email":"x@y.z"})"}) {
    problem_code(admin.call("PATCH", path, body), 400);
  }
  problem_code(admin.call("PATCH", fmt::format("/v1/users/{}", absent_uuid), R"({"role":"admin"})"), 404);
  problem_code(admin.get(fmt::format("/v1/users/{}", absent_uuid)), 404);
  problem_code(admin.call("PATCH", "/v1/users/" + admin.user(), R"({"role":"customer"})"), 409);
}

TEST_F(HttpV1Accounts, UsersAreFoundPageByPage) {
  std::vector<std::string> seen;
  std::string cursor;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = admin.get("/v1/users?limit=2" + cursor).json();
    for (const auto& user : at(page, "/users").as_array()) seen.push_back(text_at(user, "/email"));
    if (!at(page, "/has_more").as_bool()) break;
    cursor = "&cursor=" + text_at(page, "/next_cursor");
  }
  EXPECT_EQ(seen.size(), 5U);
  EXPECT_EQ(at(admin.get("/v1/users?email=kim@example.com").json(), "/users/0"),
            admin.get("/v1/users/" + kim.user()).json());
  EXPECT_EQ(at(admin.get("/v1/users?role=operator").json(), "/users").as_array().size(), 1U);
  problem_code(admin.get("/v1/users?role=king"), 400);
  problem_code(admin.get("/v1/users?cursor=x"), 400);
}

}  // namespace
}  // namespace edda::http

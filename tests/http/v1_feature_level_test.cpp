#include <fmt/format.h>

#include "http/v1_fixture.hpp"

namespace edda::http {
namespace {

constexpr std::string_view level_path = "/v1/admin/feature-level";
constexpr std::chrono::hours long_lease{1};

class HttpV1FeatureLevel : public V1Test {
 protected:
  static std::string wish(int to, std::string_view more = "") {
    return fmt::format(R"({{"raise_to":{},"reason":"all are upgraded"{}{}}})", to, more.empty() ? "" : ",", more);
  }
  std::int64_t level() { return at(admin.get(level_path).json(), "/level").as_int64(); }
  std::size_t audited() {
    return at(admin.get("/v1/audit?action=store.feature_level_raised").json(), "/entries").as_array().size();
  }
};

TEST_F(HttpV1FeatureLevel, ShowsWhereTheStoreStandsAndWhatTheNodesKnow) {
  level_store.beat_as_release("node-0", long_lease, 1);
  const auto seen = admin.get(level_path).json();
  EXPECT_EQ(fields_of(seen), "level newest nodes raisable_to");
  EXPECT_EQ(at(seen, "/level"), 1);
  EXPECT_EQ(at(seen, "/newest"), newest_feature_level);
  EXPECT_EQ(at(seen, "/raisable_to"), 1);
  EXPECT_EQ(text_at(seen, "/nodes/0/id"), "node-0");
  EXPECT_EQ(at(seen, "/nodes/0/newest"), 1);
  EXPECT_EQ(text_at(seen, "/nodes/1/id"), "node-1");
  EXPECT_EQ(at(seen, "/nodes/1/newest"), newest_feature_level);
}

TEST_F(HttpV1FeatureLevel, IsRaisedOnceAndStandsInTheAuditLog) {
  EXPECT_EQ(at(admin.get(level_path).json(), "/raisable_to"), 2);
  const Answer raised = admin.post(level_path, wish(2));
  ASSERT_EQ(raised.status, 200) << raised.body;
  EXPECT_EQ(fields_of(raised.json()), "dry_run from nodes to");
  EXPECT_EQ(at(raised.json(), "/from"), 1);
  EXPECT_EQ(at(raised.json(), "/to"), 2);
  EXPECT_EQ(level(), 2);
  EXPECT_EQ(level_store.info().feature_level, 2);

  const Answer again = admin.post(level_path, wish(2));
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(at(again.json(), "/from"), 2);
  ASSERT_EQ(audited(), 1U);
  const auto audit = admin.get("/v1/audit?action=store.feature_level_raised").json();
  EXPECT_EQ(text_at(audit, "/entries/0/actor_id"), admin.user());
  EXPECT_EQ(text_at(audit, "/entries/0/subject"), "store");
  EXPECT_EQ(text_at(audit, "/entries/0/reason"), "all are upgraded");
  EXPECT_EQ(at(audit, "/entries/0/details/from"), 1);
  EXPECT_EQ(at(audit, "/entries/0/details/to"), 2);
}

TEST_F(HttpV1FeatureLevel, ADryRunDoesNothing) {
  const Answer dry = admin.post(level_path, wish(2, R"("dry_run":true)"));
  ASSERT_EQ(dry.status, 200) << dry.body;
  EXPECT_EQ(at(dry.json(), "/dry_run"), true);
  EXPECT_EQ(at(dry.json(), "/from"), 1);
  EXPECT_EQ(at(dry.json(), "/to"), 2);
  EXPECT_EQ(level(), 1);
  EXPECT_EQ(audited(), 0U);
}

TEST_F(HttpV1FeatureLevel, IsNotRaisedOverALivingNodeOfAnOlderRelease) {
  level_store.beat_as_release("node-7", long_lease, 1);
  for (const auto* more : {"", R"("dry_run":true)"}) {
    const Answer refused = admin.post(level_path, wish(2, more));
    EXPECT_EQ(problem_code(refused, 409), "node_too_old");
    EXPECT_NE(text_at(refused.json(), "/detail").find("node-7 (knows 1)"), std::string::npos) << refused.body;
    EXPECT_EQ(text_at(refused.json(), "/errors/0/pointer"), "/raise_to");
  }
  EXPECT_EQ(level(), 1);
  EXPECT_EQ(audited(), 0U);
  level_store.beat_as_release("node-7", long_lease, 2);
  EXPECT_EQ(admin.post(level_path, wish(2)).status, 200);
}

TEST_F(HttpV1FeatureLevel, IsNeverLoweredAndNeverRaisedBeyondWhatTheReleaseKnows) {
  ASSERT_EQ(admin.post(level_path, wish(2)).status, 200);
  EXPECT_EQ(problem_code(admin.post(level_path, wish(1)), 409), "level_stands_higher");
  const Answer unknown = admin.post(level_path, wish(newest_feature_level + 1));
  problem_code(unknown, 422);
  EXPECT_EQ(text_at(unknown.json(), "/errors/0/pointer"), "/raise_to") << unknown.body;
  EXPECT_EQ(level(), 2);
}

TEST_F(HttpV1FeatureLevel, IsTheAdministratorsAlone) {
  for (const Caller& caller : {kim, merchant, operator_}) {
    problem_code(caller.get(level_path), 403);
    problem_code(caller.post(level_path, wish(2)), 403);
  }
  problem_code(harness.nobody().get(level_path), 401);
  problem_code(harness.nobody().post(level_path, wish(2)), 401);
  EXPECT_EQ(level(), 1);
}

TEST_F(HttpV1FeatureLevel, BodiesAreReadStrictly) {
  const auto refuses = [&](std::string_view body, int status, std::string_view pointer) {
    const Answer answer = admin.post(level_path, body);
    problem_code(answer, status);
    EXPECT_EQ(text_at(answer.json(), "/errors/0/pointer"), pointer) << answer.body;
  };
  refuses(R"({"raise_to":2})", 400, "/reason");
  refuses(R"({"raise_to":2,"reason":""})", 400, "/reason");
  refuses(R"({"reason":"x"})", 400, "/raise_to");
  refuses(R"({"raise_to":"2","reason":"x"})", 400, "/raise_to");
  refuses(R"({"raise_to":0,"reason":"x"})", 422, "/raise_to");
  refuses(R"({"raise_to":2,"reason":"x","dry_run":1})", 400, "/dry_run");
  refuses(R"({"raise_to":2,"reason":"x","force":true})", 400, "/force");
  EXPECT_EQ(level(), 1);
}

}  // namespace
}  // namespace edda::http

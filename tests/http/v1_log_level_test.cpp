#include "http/v1_fixture.hpp"

namespace edda::http {
namespace {

constexpr std::string_view log_path = "/v1/admin/log-level";

class HttpV1LogLevel : public V1Test {};

TEST_F(HttpV1LogLevel, IsShownAndChangedByAnAdministrator) {
  EXPECT_EQ(text_at(admin.get(log_path).json(), "/level"), "info");
  const Answer changed = admin.post(log_path, R"({"level":"debug","reason":"orders hang"})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(changed.body, R"({"node":"node-1","from":"info","to":"debug"})");
  EXPECT_EQ(log_control.least, LogLevel::debug);
  EXPECT_EQ(log_control.changed_by, (std::vector<std::string>{admin.user(), "orders hang"}));
  EXPECT_EQ(text_at(admin.get(log_path).json(), "/level"), "debug");
  const auto audit = admin.get("/v1/audit?action=node.log_level_changed").json();
  EXPECT_EQ(text_at(audit, "/entries/0/subject"), "node-1");
}

TEST_F(HttpV1LogLevel, IsTheAdministratorsAlone) {
  for (const Caller& caller : {kim, merchant, operator_}) {
    EXPECT_EQ(caller.get(log_path).status, 403);
    EXPECT_EQ(caller.post(log_path, R"({"level":"debug","reason":"x"})").status, 403);
  }
  EXPECT_EQ(harness.nobody().get(log_path).status, 401);
  EXPECT_EQ(log_control.least, LogLevel::info);
}

TEST_F(HttpV1LogLevel, BodiesAreReadStrictly) {
  for (const std::string body : {R"({"level":"chatty","reason":"x"})", R"({"level":"debug"})", R"({"level":"debug","reason":""})",
                                 R"({"level":"debug","reason":"x","more":1})", R"({"level":7,"reason":"x"})"})
    EXPECT_EQ(admin.post(log_path, body).status, 400) << body;
  EXPECT_EQ(log_control.least, LogLevel::info);
}

}  // namespace
}  // namespace edda::http

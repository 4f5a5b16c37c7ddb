#include <fmt/format.h>

#include "http/v1_fixture.hpp"

namespace edda::http {
namespace {

class HttpV1Ops : public V1Test {};

TEST_F(HttpV1Ops, ReadinessTurnsOffWhileDraining) {
  const Caller nobody = harness.nobody();
  EXPECT_EQ(nobody.get("/livez").body, R"({"status":"ok"})");
  EXPECT_EQ(nobody.get("/readyz").body, R"({"status":"ready"})");
  const auto verbose = nobody.get("/readyz?verbose").json();
  EXPECT_EQ(text_at(verbose, "/checks/0/name"), "accepting");
  EXPECT_EQ(text_at(verbose, "/checks/1/name"), "store");
  EXPECT_EQ(text_at(verbose, "/checks/2/name"), "lanes");
  harness.lifecycle.accepting_now = false;
  const Answer draining = nobody.get("/readyz");
  EXPECT_EQ(draining.status, 503);
  EXPECT_EQ(draining.body, R"({"status":"not_ready"})");
  EXPECT_EQ(draining.header("Retry-After"), "1");
  problem_code(nobody.get("/readyz", {"Accept: application/problem+json"}), 503);
  EXPECT_EQ(nobody.get("/livez").status, 200);
}

TEST_F(HttpV1Ops, MetricsAreOpenMetricsText) {
  harness.nobody().get("/v1/orders");
  const Answer answer = harness.nobody().get("/metrics");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.header("Content-Type"), metrics::openmetrics_content_type);
  EXPECT_NE(answer.body.find("edda_http_requests_total{route=\"/v1/orders\",method=\"GET\",status=\"401\"} 1\n"), std::string::npos)
      << answer.body;
  EXPECT_TRUE(answer.body.ends_with("# EOF\n"));
  EXPECT_EQ(answer.body.find(kim.token()), std::string::npos);
}

TEST_F(HttpV1Ops, MetricsInTheOlderFormatForWhoPrefersIt) {
  harness.nobody().get("/version", {"traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "X-Request-Id: seen"});
  const auto type_for = [&](const std::string& accept) { return harness.nobody().get("/metrics", {"Accept: " + accept}).header("Content-Type"); };
  EXPECT_EQ(type_for("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"), metrics::openmetrics_content_type);
  EXPECT_EQ(type_for("*/*"), metrics::openmetrics_content_type);
  EXPECT_EQ(type_for("text/plain;version=0.0.4;q=1,*/*;q=0.1"), metrics::prometheus_content_type);
  EXPECT_EQ(harness.nobody().get("/metrics", {"Accept: image/png"}).status, 406);
  const std::string exemplar = R"(# {trace_id="4bf92f3577b34da6a3ce929d0e0e4736",request_id="seen"} )";
  EXPECT_NE(harness.nobody().get("/metrics").body.find(exemplar), std::string::npos);
  const std::string older = harness.nobody().get("/metrics", {"Accept: text/plain"}).body;
  EXPECT_EQ(older.find(" # {"), std::string::npos);
  EXPECT_NE(older.find("# TYPE edda_http_requests_total counter\n"), std::string::npos);
}

TEST_F(HttpV1Ops, TheDocumentAndItsPage) {
  const Answer document = harness.nobody().get("/openapi.json");
  ASSERT_EQ(document.status, 200);
  EXPECT_EQ(text_at(document.json(), "/openapi").substr(0, 3), "3.1");
  EXPECT_EQ(harness.nobody().get("/api/docs-json").body, document.body);
  EXPECT_EQ(harness.nobody().get("/openapi.json", {"If-None-Match: " + document.header("ETag")}).status, 304);
  const Answer page = harness.nobody().get("/api/docs");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.header("Content-Security-Policy"), "");
  EXPECT_EQ(harness.nobody().get("/openapi.json", {"Accept-Encoding: gzip"}).header("Content-Encoding"), "gzip");
  EXPECT_EQ(fields_of(harness.nobody().get("/version").json()), "commit compiler name version");
}

TEST_F(HttpV1Ops, RebuildAndVerifyGoOnAfterTheAnswer) {
  for (const auto* kind : {"rebuild", "verify"}) {
    const auto path = fmt::format("/v1/admin/{}", kind);
    problem_code(kim.post(path), 403);
    problem_code(merchant.post(path), 403);
    const Answer begun = operator_.post(path);
    ASSERT_EQ(begun.status, 202) << begun.body;
    EXPECT_EQ(fields_of(begun.json()), "created_at done error id kind result state updated_at");
    wait_for(admin, begun.header("Location"), "/state", "completed");
    EXPECT_EQ(text_at(admin.get("/v1/audit?subject=" + text_at(begun.json(), "/id")).json(), "/entries/0/action"),
              fmt::format("store.{}", kind));
  }
  problem_code(admin.get(fmt::format("/v1/admin/tasks/{}", absent_uuid)), 404);
  problem_code(kim.get(fmt::format("/v1/admin/tasks/{}", absent_uuid)), 403);
}

TEST_F(HttpV1Ops, TheConfigurationIsTheAdminsToSee) {
  problem_code(operator_.get("/v1/config"), 403);
  EXPECT_EQ(text_at(admin.get("/v1/config").json(), "/mode"), "development");
}

}  // namespace
}  // namespace edda::http

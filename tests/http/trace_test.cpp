#include "eventsourcing/event_trace.hpp"
#include "http/v1_fixture.hpp"
#include "support/kept_spans.hpp"
#include "support/run_task.hpp"

namespace edda::http {
namespace {

const std::string trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string sent = "00-" + trace_id + "-00f067aa0ba902b7-01";
class HttpTrace : public V1Test {
 protected:
  std::string stored_trace() {
    const auto events = harness.run(harness.store.read_shard(ShardId{0}, Position{0}, 1, harness.deadline()));
    return events && !events->empty() ? trace_id_text(trace_of(events->front().data)) : "";
  }
};

TEST_F(HttpTrace, OfTheClientIsStoredWithTheOrderAndToldBack) {
  const Answer placed = kim.post("/v1/orders", order_body(), {"Idempotency-Key: k", "traceparent: " + sent});
  ASSERT_EQ(placed.status, 201) << placed.body;
  EXPECT_EQ(placed.header("traceparent"), sent);
  EXPECT_EQ(stored_trace(), trace_id);
}

TEST_F(HttpTrace, ThatCannotBeReadIsNone) {
  const Answer placed = kim.post("/v1/orders", order_body(), {"Idempotency-Key: k", "traceparent: 00-nonsense"});
  ASSERT_EQ(placed.status, 201) << placed.body;
  EXPECT_EQ(placed.header("traceparent"), "");
  EXPECT_EQ(stored_trace(), "");
}

/// A router alone, whose requests become spans.
class UnitRouterSpans : public testing::Test {
 protected:
  UnitRouterSpans() {
    router.add({.method = Method::get, .path = "/v1/orders/{id}", .name = "get", .handler = [this](Request& request) -> Task<Response> {
                  seen = request.trace;
                  co_return empty(status);
                }});
    router.add({.method = Method::get, .path = "/livez", .name = "livez", .handler = [](Request&) -> Task<Response> { co_return empty(200); },
                .is_probe = true});
    router.set_tracer(tracer);
  }
  Response get(std::string_view path, const std::string& traceparent = "") {
    Request request = make_request(Method::get, path);
    if (!traceparent.empty()) request.headers.add("traceparent", traceparent);
    return testing_support::run_task(router.dispatch(request));
  }

  testing_support::KeptSpans spans;
  system::SystemClock clock;
  system::SystemRandom random;
  tracing::Tracer tracer{spans, {}, clock, random};
  Router router;
  TraceContext seen;
  int status = 200;
};

TEST_F(UnitRouterSpans, ARequestIsASpanUnderItsSenders) {
  get("/v1/orders/7", sent);
  const Span span = spans.all().at(0);
  EXPECT_EQ(span.name, "GET /v1/orders/{id}") << "one name for all orders";
  EXPECT_EQ(span.kind, SpanKind::server);
  EXPECT_EQ(trace_id_text(span.context), trace_id);
  EXPECT_EQ(span_id_text(span.parent), "00f067aa0ba902b7");
  EXPECT_EQ(seen, span.context);
  EXPECT_EQ(span.failure, "");
}

TEST_F(UnitRouterSpans, WithoutASenderItIsTheFirstOfItsTrace) {
  get("/v1/orders/7");
  EXPECT_EQ(spans.all().at(0).parent, TraceContext::SpanId{});
  EXPECT_TRUE(seen.exists());
}

TEST_F(UnitRouterSpans, AFaultOfOursFails) {
  status = 503;
  get("/v1/orders/7");
  EXPECT_EQ(spans.all().at(0).failure, "503");
  status = 404;
  get("/v1/orders/7");
  EXPECT_EQ(spans.all().at(1).failure, "");
}

TEST_F(UnitRouterSpans, ProbesAreNoneUnlessTheirSenderKeepsOne) {
  get("/livez");
  EXPECT_TRUE(spans.all().empty());
  get("/livez", sent);
  EXPECT_EQ(spans.all().size(), 1U);
}

}  // namespace
}  // namespace edda::http

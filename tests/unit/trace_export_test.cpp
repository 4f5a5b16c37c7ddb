#include "telemetry/trace_export.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <thread>

#include "http/server.hpp"
#include "support/quiet_log.hpp"
#include "system/clock.hpp"
#include "system/random.hpp"

namespace edda::telemetry {
namespace {

namespace asio = boost::asio;

/// A collector behind HTTP, on a thread of its own.
class UnitTraceExport : public testing::Test {
 protected:
  UnitTraceExport() {
    router.add({.method = http::Method::post, .path = "/otlp/v1/traces", .name = "traces", .handler = [this](http::Request& request) -> Task<http::Response> {
                  bodies.push_back(request.body);
                  key = request.header("api-key").value_or("");
                  co_return http::json_text(200, "{}");
                }});
    asio::post(context, asio::use_future([this] {
      server.emplace(context.get_executor(), router, clock, random, http::ServerOptions{});
      EXPECT_TRUE(server->start());
    })).get();
    settings.url = traces_url(fmt::format("http://127.0.0.1:{}/otlp", server->port()), "");
    settings.headers = "api-key=secret,other=x=y";
    settings.node = "node-1";
  }
  ~UnitTraceExport() override {
    asio::co_spawn(context, server->stop(clock.deadline_in(milliseconds(0))), asio::use_future).get();
    asio::post(context, asio::use_future([this] { server.reset(); })).get();
    work.reset();
    thread.join();
  }
  static Span span() { return {.context = {{0xAB}, {0x01}, true}, .name = "s", .start = {}, .end = {}}; }

  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(context);
  system::SystemClock clock;
  system::SystemRandom random;
  testing_support::QuietLog log;
  http::Router router;
  std::optional<http::Server> server;
  std::vector<std::string> bodies;
  std::string key;
  TraceSettings settings;
  std::thread thread{[this] { context.run(); }};
};

TEST_F(UnitTraceExport, SendsWhatWaitsAtTheLatestAtItsEnd) {
  settings.delay = std::chrono::hours(1);
  {
    const auto traces = TraceExport::open(settings, clock, random, log);
    ASSERT_TRUE(traces);
    (*traces)->tracer().record(span());
    (*traces)->tracer().record(span());
  }
  ASSERT_EQ(bodies.size(), 1U);
  EXPECT_NE(bodies[0].find(R"("traceId":"ab000000000000000000000000000000")"), std::string::npos) << bodies[0];
  EXPECT_NE(bodies[0].find("node-1"), std::string::npos);
  EXPECT_EQ(key, "secret");
}

TEST_F(UnitTraceExport, DropsAndCountsBeyondItsQueue) {
  settings.delay = std::chrono::hours(1);
  settings.queue_max = 3;
  settings.batch_max = 512;
  settings.url = "http://127.0.0.1:1";
  const auto traces = TraceExport::open(settings, clock, random, log);
  ASSERT_TRUE(traces);
  for (int i = 0; i < 100; ++i) (*traces)->tracer().record(span());
  EXPECT_GE((*traces)->stats().dropped, 90U) << "at most a queue and a batch are held";
  EXPECT_EQ((*traces)->stats().exported, 0U);
}

TEST_F(UnitTraceExport, RefusesWhatItCannotSendTo) {
  settings.url = "collector:4317";
  EXPECT_FALSE(TraceExport::open(settings, clock, random, log));
  settings.url = "http://127.0.0.1:4318";
  settings.headers = "secret-without-a-name";
  const auto refused = TraceExport::open(settings, clock, random, log);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message.find("secret"), std::string::npos);
}

TEST(UnitTracesUrl, IsTheWholeOneElseBelowTheCommonOne) {
  EXPECT_EQ(traces_url("", ""), "");
  EXPECT_EQ(traces_url("http://a:4318", ""), "http://a:4318/v1/traces");
  EXPECT_EQ(traces_url("http://a:4318/", ""), "http://a:4318/v1/traces");
  EXPECT_EQ(traces_url("http://a:4318", "http://b/x"), "http://b/x");
}

}  // namespace
}  // namespace edda::telemetry

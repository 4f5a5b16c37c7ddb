#include "http/v1_fixture.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>

#include "http/routes/cluster.hpp"

namespace edda::http {

namespace bj = boost::json;

V1Test::V1Test()
    : harness({}, [this](Router& router, Api& api) {
        feed.emplace(api.store, api.views);
        tasks.emplace(harness.context().get_executor(), api.clock, api.random);
        batches.emplace(harness.context().get_executor(), api.operators, api.views, api.accounts, api.clock, api.random);
        levels.emplace(operators::FeatureLevelService::Ports{level_store, operators::audit_by(api.accounts), harness.log}, "node-1");
        log_level.emplace(operators::LogLevelService::Ports{log_control, operators::audit_by(api.accounts), harness.log}, "node-1");
        const auto no_work = [](maintenance::Progress) -> Task<Result<std::string>> { co_return "null"; };
        operations.emplace(Operations{.feed = *feed,
                                      .tasks = *tasks,
                                      .batches = *batches,
                                      .levels = *levels,
                                      .log_level = *log_level,
                                      .metrics = metrics,
                                      .rebuild = no_work,
                                      .verify = no_work,
                                      .check_sagas = no_work,
                                      .backup = nullptr,
                                      .render_config = [] { return R"({"mode":"development","settings":[]})"; }});
        add_v1_routes(router, api, *operations);
        add_ops_routes(router, api, *operations);
        add_cluster_routes(router, api, [this](Deadline deadline) -> Task<Result<owner::ClusterStatus>> {
          CO_TRY(auto view, co_await harness.store.beat({"node-1"}, std::chrono::seconds(60), deadline));
          co_return co_await owner::cluster_status(std::move(view), "node-1", harness.store, harness.store, "feed", deadline);
        });
        observe_requests(router, metrics, harness.log);
      }) {}

V1Test::~V1Test() {
  harness.run(tasks->stop());
  harness.run(batches->stop());
  tasks.reset();  // their timers stand on the harness's context, which goes first
  batches.reset();
}

std::string V1Test::order_body(std::string_view product) {
  return fmt::format(
      R"({{"items":[{{"product_id":"{}","product_name":"The Prose Edda","quantity":2,)"
      R"("price":{{"amount":1999,"currency":"USD"}}}}],"shipping_address":"1 Saga Street"}})",
      product);
}

std::string V1Test::key(std::string_view value) { return fmt::format("Idempotency-Key: {}", value); }

bj::value V1Test::place(const Caller& caller, std::string_view product) {
  const Answer answer = caller.post("/v1/orders", order_body(product), {key(fmt::format("fixture-{}", ++keys_))});
  EXPECT_EQ(answer.status, 201) << answer.body;
  return answer.json();
}

bj::value V1Test::place_paid(const Caller& caller, std::string_view product) {
  const bj::value placed = place(caller, product);
  wait_for(caller, "/v1/sagas/" + text_at(placed, "/saga_id"), "/state", "completed");
  return caller.get("/v1/orders/" + text_at(placed, "/id")).json();
}

void V1Test::wait_for(const Caller& caller, const std::string& path, std::string_view pointer, std::string_view value) {
  eventually(fmt::format("{} is {}", pointer, value),
             [&] { return text_at(caller.get(path).json(), pointer) == value; });
}

std::string V1Test::etag_of(const bj::value& resource) {
  return fmt::format("\"{}\"", at(resource, "/version").as_int64());
}

std::string V1Test::problem_code(const Answer& answer, int status) {
  EXPECT_EQ(answer.status, status) << answer.body;
  EXPECT_EQ(answer.header("Content-Type"), "application/problem+json") << answer.body;
  const bj::value problem = answer.json();
  EXPECT_EQ(at(problem, "/status").as_int64(), status);
  for (const auto* member : {"/type", "/title", "/detail", "/next", "/request_id"}) {
    EXPECT_FALSE(text_at(problem, member).empty()) << member;
  }
  return text_at(problem, "/code");
}

EventStream::EventStream(const Harness& harness, const Caller& caller, std::string_view target,
                         const std::vector<std::string>& headers)
    : client_(harness.port()) {
  std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n", target, caller.token());
  for (const std::string& header : headers) request += header + "\r\n";
  client_.send(request + "\r\n");
  head_ = client_.read_until("\r\n\r\n");
}

EventStream::Event EventStream::next() {
  client_.read_until("id: ");
  Event event;
  const auto line = [this] {
    std::string text = client_.read_until("\n");
    if (!text.empty()) text.pop_back();
    return text;
  };
  event.id = line();
  client_.read_until("event: ");
  event.type = line();
  client_.read_until("data: ");
  boost::system::error_code error;
  event.data = bj::parse(line(), error);
  EXPECT_FALSE(error) << event.type;
  return event;
}

std::vector<EventStream::Event> EventStream::until(std::string_view type) {
  constexpr std::size_t events_max = 100;
  std::vector<Event> events;
  while (events.size() < events_max && (events.empty() || events.back().type != type)) events.push_back(next());
  return events;
}

}  // namespace edda::http

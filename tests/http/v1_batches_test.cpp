#include <fmt/format.h>

#include "http/v1_fixture.hpp"

namespace edda::http {
namespace {

class HttpV1Batches : public V1Test {
 protected:
  /// Orders that wait for an approval; their sagas' ids.
  std::vector<std::string> place_large(int count) {
    std::vector<std::string> sagas;
    for (int i = 0; i < count; ++i) {
      const auto body = fmt::format(
          R"({{"items":[{{"product_id":"A","product_name":"a","quantity":1,"price":{{"amount":{},"currency":"USD"}}}}],)"
          R"("shipping_address":"x"}})",
          Harness::approval_above_minor + 1);
      sagas.push_back(text_at(kim.post("/v1/orders", body, {key(fmt::format("large-{}", i))}).json(), "/saga_id"));
    }
    return sagas;
  }

  /// Elsewhere a batch's pauses are jumped over.
  void wait_in_real_time() {
    harness.run([](HttpV1Batches& self) -> Task<int> {
      self.batches.emplace(self.harness.context().get_executor(), self.harness.operators, self.harness.store,
                           self.harness.accounts, self.harness.clock, self.harness.random);
      co_return 0;
    }(*this));
  }

  static std::string request(std::string_view action, std::string_view rest) {
    return fmt::format(R"({{"action":"{}","reason":"end of sale","filter":{{"step":"order_approval"}},{}}})", action, rest);
  }
  boost::json::value ended(const Answer& started) {
    EXPECT_EQ(started.status, 202) << started.body;
    const std::string path = started.header("Location");
    eventually("the batch has ended", [&] { return text_at(operator_.get(path).json(), "/state") != "running"; });
    return operator_.get(path).json();
  }
  std::int64_t waiting() {
    return at(operator_.post("/v1/batches", request("cancel", R"("dry_run":true)")).json(), "/matching").as_int64();
  }
};

TEST_F(HttpV1Batches, ADryRunCountsAndARunRepeatsTheCount) {
  place_large(3);
  const Answer dry = operator_.post("/v1/batches", request("cancel", R"("dry_run":true,"limit":2)"));
  ASSERT_EQ(dry.status, 200) << dry.body;
  EXPECT_EQ(fields_of(dry.json()), "action dry_run first matching selected");
  EXPECT_EQ(at(dry.json(), "/matching"), 3);
  EXPECT_EQ(at(dry.json(), "/selected"), 2);
  EXPECT_EQ(waiting(), 3);

  const Answer wrong = operator_.post("/v1/batches", request("cancel", R"("limit":2,"expected_count":2)"));
  EXPECT_EQ(problem_code(wrong, 409), "count_differs");
  EXPECT_EQ(text_at(wrong.json(), "/errors/0/pointer"), "/expected_count");
  EXPECT_EQ(waiting(), 3);

  const auto batch = ended(operator_.post("/v1/batches", request("cancel", R"("limit":2,"expected_count":3,"rate":1000)")));
  EXPECT_EQ(text_at(batch, "/state"), "completed") << batch;
  EXPECT_EQ(at(batch, "/done"), 2);
  EXPECT_EQ(at(batch, "/processed"), 2);
  EXPECT_EQ(text_at(batch, "/started_by"), operator_.user());
  EXPECT_EQ(waiting(), 1);
  EXPECT_EQ(at(admin.get("/v1/audit?action=saga.cancel").json(), "/entries").as_array().size(), 2U);
  const auto started = admin.get("/v1/audit?action=batch.started").json();
  EXPECT_EQ(text_at(started, "/entries/0/subject"), text_at(batch, "/id"));
  EXPECT_EQ(text_at(admin.get("/v1/audit?action=saga.cancel").json(), "/entries/0/details/batch"), text_at(batch, "/id"));
}

TEST_F(HttpV1Batches, RefusalsAreCountedByReason) {
  const auto sagas = place_large(2);
  const auto paid = place_paid(kim);
  const auto body = fmt::format(
      R"({{"action":"retry","reason":"x","ids":["{}","{}","{}","{}","{}"],"expected_count":3,"rate":1000}})", sagas[0], sagas[1],
      sagas[1], text_at(paid, "/saga_id"), absent_uuid);
  const auto batch = ended(operator_.post("/v1/batches", body));
  EXPECT_EQ(at(batch, "/done"), 0);
  EXPECT_EQ(at(batch, "/refused/nothing_to_retry"), 2) << batch;
  EXPECT_EQ(at(batch, "/refused/ended"), 1);
  EXPECT_EQ(at(batch, "/examples").as_array().size(), 3U);
}

TEST_F(HttpV1Batches, ABatchCanBeStopped) {
  constexpr int count = 20;  // at one a second: time enough
  place_large(count);
  wait_in_real_time();
  const Answer started = operator_.post("/v1/batches", request("cancel", fmt::format(R"("expected_count":{},"rate":1)", count)));
  ASSERT_EQ(started.status, 202) << started.body;
  const std::string path = started.header("Location");
  problem_code(kim.post(path + "/cancel", R"({"reason":"x"})"), 403);
  EXPECT_EQ(operator_.post(path + "/cancel", R"({"reason":"wrong ones"})").status, 202);
  const auto batch = ended(started);
  EXPECT_EQ(text_at(batch, "/state"), "cancelled") << batch;
  EXPECT_LT(at(batch, "/processed").as_int64(), count);
  EXPECT_EQ(text_at(admin.get("/v1/audit?action=batch.cancelled").json(), "/entries/0/reason"), "wrong ones");
  const Answer again = operator_.post(path + "/cancel", R"({"reason":"x"})");
  EXPECT_EQ(again.status, 202) << again.body;
}

TEST_F(HttpV1Batches, ProgressIsAStreamThatEndsWithTheBatch) {
  place_large(2);
  const Answer started = operator_.post("/v1/batches", request("cancel", R"("expected_count":2,"rate":1000)"));
  ASSERT_EQ(started.status, 202) << started.body;
  EventStream stream(harness, operator_, started.header("Location") + "/stream");
  EXPECT_NE(stream.head().find("text/event-stream"), std::string::npos) << stream.head();
  const auto events = stream.until("end");
  EXPECT_EQ(at(events.back().data, "/done"), 2);
  EXPECT_EQ(text_at(events.back().data, "/state"), "completed");
  EXPECT_EQ(problem_code(operator_.post(started.header("Location") + "/cancel", R"({"reason":"x"})"), 409), "batch_ended");
}

TEST_F(HttpV1Batches, AKeyStartsOneBatch) {
  place_large(2);
  const std::string body = request("cancel", R"("expected_count":2,"rate":1000)");
  const Answer first = operator_.post("/v1/batches", body, {key("b1")});
  ended(first);
  const Answer again = operator_.post("/v1/batches", body, {key("b1")});
  EXPECT_EQ(again.status, 202) << again.body;
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
  EXPECT_EQ(again.header("Location"), first.header("Location"));
  const std::string other = request("pause", R"("expected_count":2)");
  EXPECT_EQ(problem_code(operator_.post("/v1/batches", other, {key("b1")}), 422), "idempotency_key_reused");
  EXPECT_EQ(at(operator_.get("/v1/batches").json(), "/batches").as_array().size(), 1U);
}

TEST_F(HttpV1Batches, OnlyOperatorsMayAndBodiesAreReadStrictly) {
  const std::string dry = request("retry", R"("dry_run":true)");
  for (const Caller& caller : {kim, merchant}) problem_code(caller.post("/v1/batches", dry), 403);
  problem_code(harness.nobody().post("/v1/batches", dry), 401);
  problem_code(kim.get("/v1/batches"), 403);
  problem_code(operator_.get(fmt::format("/v1/batches/{}", absent_uuid)), 404);
  problem_code(operator_.get(fmt::format("/v1/batches/{}/stream", absent_uuid)), 404);
  EXPECT_EQ(problem_code(operator_.post("/v1/batches", request("retry", R"("expected_count":0)")), 409), "nothing_matches");
  const auto refuses = [&](std::string_view body, int status, std::string_view pointer) {
    const Answer answer = operator_.post("/v1/batches", body);
    problem_code(answer, status);
    EXPECT_EQ(text_at(answer.json(), "/errors/0/pointer"), pointer) << answer.body;
  };
  refuses(R"({"action":"retry","reason":"x","dry_run":true})", 400, "/filter");
  refuses(R"({"action":"retry","reason":"x","dry_run":true,"filter":{}})", 422, "/filter");
  refuses(R"({"action":"retry","reason":"x","dry_run":true,"filter":{"state":"completed"}})", 422, "/filter/state");
  refuses(R"({"action":"retry","reason":"x","dry_run":true,"filter":{"older_than":"5 minutes"}})", 422, "/filter/older_than");
  refuses(R"({"action":"retry","reason":"x","dry_run":true,"filter":{"user":"x"}})", 400, "/filter/user");
  refuses(R"({"action":"retry","reason":"x","dry_run":true,"ids":["7"]})", 400, "/ids/0");
  refuses(R"({"action":"retry","reason":"x","filter":{"step":"a"}})", 400, "/expected_count");
  refuses(R"({"action":"destroy","reason":"x","dry_run":true,"filter":{"step":"a"}})", 422, "/action");
  refuses(R"({"action":"retry","dry_run":true,"filter":{"step":"a"}})", 400, "/reason");
  refuses(R"({"action":"retry","reason":"x","dry_run":true,"filter":{"step":"a"},"rate":0})", 422, "/rate");
}

}  // namespace
}  // namespace edda::http

#include <fmt/format.h>

#include "http/v1_fixture.hpp"

namespace edda::http {
namespace {

class HttpV1Operators : public V1Test {
 protected:
  /// A paid order that is being cancelled and whose refund the gateway refuses for good: its saga is parked.
  std::string park(std::string_view product = "BOOK-1") {
    const auto order = place_paid(kim, product);
    harness.gateway.answer_next(memory::ScriptedGateway::Kind::refund, {saga::Outcome::declined, "", "Account closed"});
    const std::string path = "/v1/orders/" + text_at(order, "/id");
    EXPECT_EQ(kim.post(path + "/cancel", R"({"reason":"changed my mind"})", {"If-Match: *"}).status, 202);
    std::string parked;
    eventually("its saga is parked", [&] {
      for (const auto& saga : at(admin.get("/v1/sagas?state=parked").json(), "/sagas").as_array()) {
        if (text_at(saga, "/order_id") == text_at(order, "/id")) parked = text_at(saga, "/id");
      }
      return !parked.empty();
    });
    return parked;
  }

  /// An order that waits for an approval; its saga's id.
  std::string place_large() {
    const auto body = fmt::format(
        R"({{"items":[{{"product_id":"A","product_name":"a","quantity":1,"price":{{"amount":{},"currency":"USD"}}}}],)"
        R"("shipping_address":"x"}})",
        Harness::approval_above_minor + 1);
    const Answer placed = kim.post("/v1/orders", body, {key("large")});
    EXPECT_EQ(placed.status, 201) << placed.body;
    return text_at(placed.json(), "/saga_id");
  }

  std::string etag_of_saga(const std::string& id) { return operator_.get("/v1/sagas/" + id).header("ETag"); }
  Answer act(const Caller& caller, const std::string& saga, std::string_view action, std::string_view body) {
    return caller.post(fmt::format("/v1/sagas/{}/{}", saga, action), body, {"If-Match: " + etag_of_saga(saga)});
  }
  std::vector<std::string> types_of(const std::string& saga) {
    std::vector<std::string> types;
    for (const auto& event : at(operator_.get("/v1/sagas/" + saga + "/history").json(), "/events").as_array())
      types.push_back(text_at(event, "/type"));
    return types;
  }
};

constexpr std::string_view reason = R"({"reason":"looked at it"})";

TEST_F(HttpV1Operators, AnActionIsTakenOnceStandsInTheStoryAndInTheAuditLog) {
  const std::string saga = park();
  const Answer done = act(operator_, saga, "pause", reason);
  ASSERT_EQ(done.status, 202) << done.body;
  EXPECT_EQ(text_at(done.json(), "/state"), "paused");
  EXPECT_EQ(done.header("ETag"), etag_of_saga(saga));
  const auto types = types_of(saga);
  EXPECT_EQ(types.back(), "SagaPaused");
  EXPECT_EQ(types[types.size() - 2], "SagaActionTaken");
  const auto audit = admin.get("/v1/audit?action=saga.pause").json();
  EXPECT_EQ(text_at(audit, "/entries/0/subject"), saga);
  EXPECT_EQ(text_at(audit, "/entries/0/actor_id"), operator_.user());
  EXPECT_EQ(text_at(audit, "/entries/0/reason"), "looked at it");
  EXPECT_EQ(problem_code(act(operator_, saga, "pause", reason), 409), "already_paused");
  EXPECT_EQ(problem_code(act(operator_, saga, "retry", reason), 409), "is_paused");
  EXPECT_EQ(text_at(act(admin, saga, "resume", reason).json(), "/state"), "parked");
  EXPECT_EQ(at(admin.get("/v1/audit?action=saga.pause").json(), "/entries").as_array().size(), 1U);
}

TEST_F(HttpV1Operators, AnOutcomeThatAPersonStatesEndsWhatIsParked) {
  const std::string saga = park();
  constexpr std::string_view stated =
      R"({"reason":"paid back by hand","step":"payment_refund","outcome":"succeeded","reference":"bank-7"})";
  const Answer done = act(operator_, saga, "state-outcome", stated);
  ASSERT_EQ(done.status, 202) << done.body;
  EXPECT_EQ(text_at(done.json(), "/state"), "completed");
  const std::string order = "/v1/orders/" + text_at(done.json(), "/order_id");
  EXPECT_EQ(text_at(operator_.get(order).json(), "/status"), "cancelled");
  EXPECT_EQ(problem_code(act(operator_, saga, "force-close", reason), 409), "ended");
}

TEST_F(HttpV1Operators, ARetryIsSentAgainUnderTheSameKey) {
  const std::string saga = park();
  const std::string refund = harness.gateway.calls().back().key;
  ASSERT_EQ(act(operator_, saga, "retry", reason).status, 202);
  eventually("the gateway was asked about it again", [&] { return !harness.gateway.lookups().empty(); });
  EXPECT_EQ(harness.gateway.lookups().back(), refund);
}

TEST_F(HttpV1Operators, OnlyOperatorsAct) {
  const std::string saga = park();
  for (const auto* action : {"retry", "skip", "compensate", "cancel", "pause", "resume", "force-close", "state-outcome", "signals/x"}) {
    const std::string path = fmt::format("/v1/sagas/{}/{}", saga, action);
    for (const Caller& caller : {kim, lee, merchant}) problem_code(caller.post(path, reason, {"If-Match: *"}), 403);
    problem_code(harness.nobody().post(path, reason, {"If-Match: *"}), 401);
  }
  EXPECT_EQ(text_at(operator_.get("/v1/sagas/" + saga).json(), "/state"), "parked");
}

TEST_F(HttpV1Operators, TheVersionThatWasReadIsNeeded) {
  const std::string saga = park();
  const std::string path = fmt::format("/v1/sagas/{}/pause", saga);
  EXPECT_EQ(problem_code(operator_.post(path, reason), 428), "precondition_required");
  EXPECT_EQ(problem_code(operator_.post(path, reason, {"If-Match: \"1\""}), 412), "version_conflict");
  EXPECT_EQ(operator_.post(path, reason, {"If-Match: *"}).status, 202);
  problem_code(operator_.post(fmt::format("/v1/sagas/{}/pause", absent_uuid), reason, {"If-Match: *"}), 404);
  problem_code(operator_.post("/v1/sagas/7/pause", reason, {"If-Match: *"}), 400);
}

TEST_F(HttpV1Operators, AKeyGivesTheStoredAnswer) {
  const std::string saga = park();
  const std::string path = fmt::format("/v1/sagas/{}/pause", saga);
  const std::string version = "If-Match: " + etag_of_saga(saga);
  const Answer first = operator_.post(path, reason, {version, key("p1")});
  ASSERT_EQ(first.status, 202) << first.body;
  ASSERT_EQ(act(operator_, saga, "resume", reason).status, 202);
  const Answer again = operator_.post(path, reason, {version, key("p1")});
  EXPECT_EQ(again.status, 202) << again.body;
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
  EXPECT_EQ(text_at(operator_.get("/v1/sagas/" + saga).json(), "/state"), "parked");
  EXPECT_EQ(problem_code(operator_.post(path, R"({"reason":"other"})", {version, key("p1")}), 422), "idempotency_key_reused");
  EXPECT_EQ(at(admin.get("/v1/audit?action=saga.pause").json(), "/entries").as_array().size(), 1U);
}

TEST_F(HttpV1Operators, BodiesAreReadStrictly) {
  const std::string saga = park();
  const auto refuses = [&](std::string_view action, std::string_view body, int status, std::string_view pointer) {
    const Answer answer = act(operator_, saga, action, body);
    problem_code(answer, status);
    EXPECT_EQ(text_at(answer.json(), "/errors/0/pointer"), pointer) << answer.body;
  };
  refuses("pause", "{}", 400, "/reason");
  refuses("pause", R"({"reason":""})", 400, "/reason");
  refuses("pause", fmt::format(R"({{"reason":"{}"}})", std::string(501, 'x')), 400, "/reason");
  refuses("pause", R"({"reason":"x","step":"y"})", 400, "/step");
  refuses("retry", R"({"reason":"x","outcome":"failed"})", 400, "/outcome");
  refuses("skip", R"({"reason":"x"})", 400, "/step");
  refuses("state-outcome", R"({"reason":"x","step":"payment_refund"})", 400, "/outcome");
  refuses("state-outcome", R"({"reason":"x","step":"payment_refund","outcome":"unknown"})", 422, "/outcome");
  refuses("signals/order_approval", R"({"reason":"x"})", 400, "/accepted");
  refuses("signals/order_approval", R"({"reason":"x","accepted":1})", 400, "/accepted");
}

TEST_F(HttpV1Operators, ARefusalSaysWhatToDoInstead) {
  const std::string saga = park();
  const Answer owed = act(operator_, saga, "compensate", reason);
  EXPECT_EQ(problem_code(owed, 409), "effect_is_owed");
  EXPECT_NE(text_at(owed.json(), "/next").find("state the outcome"), std::string::npos) << owed.body;
  EXPECT_EQ(problem_code(act(operator_, saga, "skip", R"({"reason":"x","step":"payment_refund"})"), 409), "not_skippable");
  EXPECT_EQ(problem_code(act(operator_, saga, "skip", R"({"reason":"x","step":"nonsense"})"), 409), "no_such_step");
}

TEST_F(HttpV1Operators, ALargeOrderIsChargedOnceItIsApproved) {
  const std::string saga = place_large();
  wait_for(operator_, "/v1/sagas/" + saga, "/current_step", "order_approval");
  EXPECT_TRUE(harness.gateway.calls().empty());
  EXPECT_EQ(problem_code(act(operator_, saga, "signals/payment_processing", R"({"reason":"x","accepted":true})"), 409), "not_waiting");
  const Answer said = act(operator_, saga, "signals/order_approval", R"({"reason":"known customer","accepted":true})");
  ASSERT_EQ(said.status, 202) << said.body;
  wait_for(operator_, "/v1/sagas/" + saga, "/state", "completed");
  EXPECT_EQ(harness.gateway.calls().size(), 1U);
  EXPECT_EQ(text_at(admin.get("/v1/audit?action=saga.signal").json(), "/entries/0/reason"), "known customer");
}

TEST_F(HttpV1Operators, ALargeOrderThatIsRefusedIsNeverCharged) {
  const std::string saga = place_large();
  wait_for(operator_, "/v1/sagas/" + saga, "/current_step", "order_approval");
  const Answer said = act(operator_, saga, "signals/order_approval", R"({"reason":"fraud","accepted":false})");
  ASSERT_EQ(said.status, 202) << said.body;
  EXPECT_EQ(text_at(said.json(), "/state"), "compensated");
  EXPECT_EQ(text_at(kim.get("/v1/orders/" + text_at(said.json(), "/order_id")).json(), "/status"), "cancelled");
  EXPECT_TRUE(harness.gateway.calls().empty());
}

TEST_F(HttpV1Operators, CancellingAnOrdersSagaCancelsTheOrder) {
  const std::string saga = place_large();
  wait_for(operator_, "/v1/sagas/" + saga, "/current_step", "order_approval");
  const Answer done = act(operator_, saga, "cancel", reason);
  ASSERT_EQ(done.status, 202) << done.body;
  EXPECT_EQ(text_at(kim.get("/v1/orders/" + text_at(done.json(), "/order_id")).json(), "/status"), "cancelled");
}

TEST_F(HttpV1Operators, ParkedSagasAreGroupedByTheirReason) {
  const std::string first = park("A");
  const std::string second = park("B");
  problem_code(kim.get("/v1/parked"), 403);
  problem_code(harness.nobody().get("/v1/parked"), 401);
  const auto parked = operator_.get("/v1/parked").json();
  EXPECT_EQ(at(parked, "/total"), 2);
  EXPECT_EQ(at(parked, "/truncated"), false);
  ASSERT_EQ(at(parked, "/groups").as_array().size(), 1U);
  EXPECT_EQ(text_at(parked, "/groups/0/definition"), "OrderCancellationSaga");
  EXPECT_EQ(text_at(parked, "/groups/0/step"), "payment_refund");
  EXPECT_EQ(at(parked, "/groups/0/count"), 2);
  EXPECT_EQ(text_at(parked, "/groups/0/filter/state"), "parked");
  EXPECT_EQ(at(parked, "/groups/0/saga_ids").as_array().size(), 2U);
}

TEST_F(HttpV1Operators, TheOldRoutesAskForTheSame) {
  const std::string saga = park();
  EXPECT_EQ(kim.post("/saga/retry/" + saga).status, 403);
  EXPECT_EQ(harness.nobody().post("/saga/retry/" + saga).status, 401);
  const Answer owed = operator_.post("/saga/compensate/" + saga, reason);
  EXPECT_EQ(owed.status, 409);
  EXPECT_EQ(fields_of(owed.json()), "error message statusCode");
  const Answer asked = operator_.post("/saga/retry/" + saga);
  EXPECT_EQ(asked.status, 201) << asked.body;
  EXPECT_EQ(fields_of(asked.json()),
            "compensationSteps completedSteps correlationId currentStep errorMessage message sagaId status");
  EXPECT_EQ(operator_.post(fmt::format("/saga/retry/{}", absent_uuid)).status, 404);
  EXPECT_EQ(operator_.post("/saga/retry/7").status, 400);
  EXPECT_EQ(text_at(admin.get("/v1/audit?action=saga.retry").json(), "/entries/0/subject"), saga);
}

}  // namespace
}  // namespace edda::http

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "http/harness.hpp"

namespace edda::http {
namespace {

class HttpOldSagas : public ApiTest {
 protected:
  std::string place_and_pay(std::string_view product) {
    const std::string order = place(kim, product);
    wait_for_status(kim, order, "paid");
    return order;
  }
  std::string place_and_decline(std::string_view product) {
    decline_next_charge();
    const std::string order = place(kim, product);
    wait_for_status(kim, order, "cancelled");
    return order;
  }

  Caller kim = harness.sign_up("kim");
  Caller lee = harness.sign_up("lee");
  Caller op = harness.sign_up("op", Role::operator_);
};

constexpr std::string_view saga_fields =
    "compensationSteps completedSteps correlationId createdAt currentStep data errorMessage id sagaType status "
    "updatedAt";
constexpr std::string_view absent_saga_id = "01938c4e-7f3a-7c51-9a3e-5d1f0b2c4a10";

std::string steps(const boost::json::value& saga, std::string_view name) {
  return boost::json::serialize(at(saga, fmt::format("/{}", name)));
}

TEST_F(HttpOldSagas, ACompletedSagaLooksAsItDid) {
  const std::string order = place_and_pay("A");
  const auto saga = kim.get("/sagas/correlation/" + order).json();
  EXPECT_EQ(fields_of(saga), saga_fields);
  EXPECT_EQ(text_at(saga, "/sagaType"), "OrderProcessingSaga");
  EXPECT_EQ(text_at(saga, "/correlationId"), order);
  EXPECT_EQ(text_at(saga, "/status"), "completed");
  EXPECT_EQ(text_at(saga, "/currentStep"), "completed");
  EXPECT_EQ(steps(saga, "completedSteps"), R"(["payment_processing","order_confirmation"])");
  EXPECT_EQ(steps(saga, "compensationSteps"), "[]");
  EXPECT_TRUE(at(saga, "/errorMessage").is_null());
  EXPECT_EQ(fields_of(at(saga, "/data")), "items orderId shippingAddress totalAmount userId");
  EXPECT_EQ(at(saga, "/data/totalAmount"), 10);
}

TEST_F(HttpOldSagas, ADeclinedSagaKeepsItsPaymentStepAsItDid) {
  const auto saga = kim.get("/sagas/correlation/" + place_and_decline("A")).json();
  EXPECT_EQ(text_at(saga, "/status"), "compensated");
  EXPECT_EQ(text_at(saga, "/currentStep"), "compensated");
  EXPECT_EQ(steps(saga, "completedSteps"), R"(["payment_processing"])");
  EXPECT_EQ(steps(saga, "compensationSteps"), R"(["order_cancelled"])");
  EXPECT_TRUE(at(saga, "/errorMessage").is_null());
}

TEST_F(HttpOldSagas, AStartedSagaCountsThePaymentAsSoonAsItIsAskedFor) {
  harness.gateway.hold();
  const std::string order = place(kim, "A");
  const auto saga = kim.get("/sagas/correlation/" + order).json();
  EXPECT_EQ(text_at(saga, "/status"), "started");
  EXPECT_EQ(text_at(saga, "/currentStep"), "payment_processing");
  EXPECT_EQ(steps(saga, "completedSteps"), R"(["payment_processing"])");
  const auto active = kim.get("/saga/active").json();
  EXPECT_EQ(at(active, "/count"), 1);
  EXPECT_EQ(fields_of(at(active, "/sagas/0")), saga_fields);
  EXPECT_EQ(at(lee.get("/saga/active").json(), "/count"), 0);
}

TEST_F(HttpOldSagas, TheKeyOfAnOrderFindsItsSaga) {
  std::string body = order_body("A");
  body.insert(1, R"("idempotencyKey":"my key",)");
  const std::string order = text_at(kim.post("/orders", body).json(), "/id");
  for (const std::string path : {"/sagas/correlation/", "/saga/status/"}) {
    EXPECT_EQ(text_at(kim.get(path + "my%20key").json(), "/data/orderId"), order);
    EXPECT_EQ(text_at(kim.get(path + order).json(), "/data/orderId"), order);
    EXPECT_EQ(kim.get(path + "nothing").body, R"({"message":"Saga not found","correlationId":"nothing"})");
    EXPECT_EQ(text_at(lee.get(path + order).json(), "/message"), "Saga not found");
  }
}

TEST_F(HttpOldSagas, OneSagaByItsId) {
  const std::string order = place_and_pay("A");
  const std::string id = text_at(kim.get("/sagas/correlation/" + order).json(), "/id");
  const Answer own = kim.get("/sagas/" + id);
  EXPECT_EQ(own.status, 200);
  EXPECT_EQ(fields_of(own.json()), saga_fields);
  EXPECT_EQ(lee.get("/sagas/" + id).body, fmt::format(R"({{"message":"Saga not found","id":"{}"}})", id));
  EXPECT_EQ(kim.get(fmt::format("/sagas/{}", absent_saga_id)).body,
            fmt::format(R"({{"message":"Saga not found","id":"{}"}})", absent_saga_id));
  EXPECT_EQ(text_at(kim.get("/sagas/17").json(), "/message"), "Validation failed (uuid is expected)");
  EXPECT_EQ(fields_of(op.get("/sagas/" + id).json()), saga_fields);
}

TEST_F(HttpOldSagas, ListsShowOnesOwnAndTheStaffAll) {
  const std::string paid = place_and_pay("A");
  const std::string declined = place_and_decline("B");
  const auto page = kim.get("/sagas?limit=1").json();
  EXPECT_EQ(fields_of(page), "limit page sagas total totalPages");
  EXPECT_EQ(text_at(page, "/sagas/0/correlationId"), declined);
  EXPECT_EQ(at(page, "/total"), 2);
  EXPECT_EQ(at(page, "/totalPages"), 2);
  EXPECT_EQ(at(lee.get("/sagas").json(), "/total"), 0);
  EXPECT_EQ(at(op.get("/sagas").json(), "/total"), 2);
  EXPECT_EQ(kim.get("/sagas?page=0").status, 400);
}

TEST_F(HttpOldSagas, ListsByStatusKnowTheOldStates) {
  const std::string paid = place_and_pay("A");
  const auto completed = kim.get("/sagas/status/completed").json();
  EXPECT_EQ(fields_of(completed), "count sagas status");
  EXPECT_EQ(at(completed, "/count"), 1);
  EXPECT_EQ(fields_of(at(completed, "/sagas/0")), "correlationId createdAt currentStep data errorMessage id sagaType");
  EXPECT_EQ(text_at(completed, "/sagas/0/correlationId"), paid);
  EXPECT_EQ(at(kim.get("/sagas/status/failed").json(), "/count"), 0);
  EXPECT_EQ(kim.get("/sagas/status/parked").status, 400);
  EXPECT_EQ(at(lee.get("/sagas/status/completed").json(), "/count"), 0);
}

TEST_F(HttpOldSagas, AParkedSagaShowsAsFailed) {
  const std::string order = place_and_pay("A");
  harness.gateway.answer_next(memory::ScriptedGateway::Kind::refund, {saga::Outcome::declined, "", "no such charge"});
  kim.call("DELETE", "/orders/" + order);
  eventually("the cancellation is parked", [&] { return at(kim.get("/sagas/status/failed").json(), "/count") == 1; });
  const auto failed = kim.get("/sagas").json();
  EXPECT_EQ(text_at(failed, "/sagas/0/sagaType"), "OrderCancellationSaga");
  EXPECT_EQ(text_at(failed, "/sagas/0/status"), "failed");
  EXPECT_NE(text_at(failed, "/sagas/0/errorMessage").find("no such charge"), std::string::npos);
}

TEST_F(HttpOldSagas, TheSagasThatProcessOrders) {
  const std::string order = place_and_pay("A");
  kim.call("DELETE", "/orders/" + order);
  const auto list = kim.get("/sagas/orders/processing").json();
  EXPECT_EQ(text_at(list, "/sagaType"), "OrderProcessingSaga");
  EXPECT_EQ(at(list, "/count"), 1);
  EXPECT_EQ(
      fields_of(at(list, "/sagas/0")),
      "compensationSteps completedSteps correlationId createdAt currentStep errorMessage id orderId status totalAmount "
      "updatedAt userId");
  EXPECT_EQ(text_at(list, "/sagas/0/orderId"), order);
  EXPECT_EQ(at(lee.get("/sagas/orders/processing").json(), "/count"), 0);
}

class HttpOldMaintenance : public HttpOldSagas {};

TEST_F(HttpOldMaintenance, PendingOrdersComeWithSagaAndPayment) {
  harness.gateway.hold();
  const std::string order = place(kim, "A");
  const auto pending = kim.get("/saga/maintenance/pending-orders").json();
  EXPECT_EQ(at(pending, "/count"), 1);
  EXPECT_EQ(fields_of(at(pending, "/orders/0")), "order payment saga");
  EXPECT_EQ(fields_of(at(pending, "/orders/0/order")), "createdAt id status totalAmount");
  EXPECT_EQ(fields_of(at(pending, "/orders/0/saga")), "completedSteps currentStep errorMessage id status");
  EXPECT_EQ(fields_of(at(pending, "/orders/0/payment")), "failureReason id status");
  EXPECT_EQ(text_at(pending, "/orders/0/order/id"), order);
  EXPECT_EQ(at(lee.get("/saga/maintenance/pending-orders").json(), "/count"), 0);
  EXPECT_EQ(at(op.get("/saga/maintenance/pending-orders").json(), "/count"), 1);
}

TEST_F(HttpOldMaintenance, CleanupLeavesWhatIsUnderWay) {
  harness.gateway.hold();
  const std::string order = place(kim, "A");
  const Answer answer = op.post("/saga/maintenance/cleanup-pending");
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, R"({"message":"Pending orders cleanup completed","processed":0,"results":[]})");
  EXPECT_EQ(text_at(kim.get("/orders/" + order).json(), "/status"), "pending");
}

TEST_F(HttpOldMaintenance, CleanupCancelsAnOrderWithoutAPayment) {
  harness.gateway.hold();
  const std::string order = place(kim, "A");
  OrderRow row = harness.run(harness.store.find_order(*parse_id<OrderId>(order), harness.deadline())).value()->row;
  row.payment = PaymentId{};
  harness.store.overwrite(row);
  EXPECT_EQ(op.post("/saga/maintenance/cleanup-pending").body,
            fmt::format(R"({{"message":"Pending orders cleanup completed","processed":1,"results":[{{"orderId":"{}",)"
                        R"("action":"cancelled","reason":"No payment record"}}]}})",
                        order));
  EXPECT_EQ(text_at(kim.get("/orders/" + order).json(), "/status"), "cancelled");
}

TEST_F(HttpOldMaintenance, CleanupSaysWhatItCouldNotDo) {
  const std::string order = place_and_decline("A");
  OrderRow row = harness.run(harness.store.find_order(*parse_id<OrderId>(order), harness.deadline())).value()->row;
  row.status = OrderStatus::pending;
  harness.store.overwrite(row);
  const auto cleanup = op.post("/saga/maintenance/cleanup-pending").json();
  EXPECT_EQ(at(cleanup, "/processed"), 1);
  EXPECT_EQ(text_at(cleanup, "/results/0/action"), "error");
}

TEST_F(HttpOldMaintenance, SagaHealthCountsAll) {
  place_and_pay("A");
  place_and_decline("B");
  const auto health = lee.get("/saga/maintenance/saga-health").json();
  EXPECT_EQ(fields_of(at(health, "/sagas")), "compensated completed failed started total");
  EXPECT_EQ(fields_of(at(health, "/orders")), "cancelled paid pending total");
  EXPECT_EQ(at(health, "/sagas/completed"), 1);
  EXPECT_EQ(at(health, "/sagas/compensated"), 1);
  EXPECT_EQ(at(health, "/orders/cancelled"), 1);
  EXPECT_EQ(at(health, "/orders/total"), 2);
  EXPECT_EQ(at(health, "/issues/orphanedPendingOrders"), false);
  EXPECT_EQ(at(health, "/issues/stuckSagas"), 0);
}

TEST_F(HttpOldMaintenance, AFlowOlderThanAMinuteIsStuck) {
  harness.gateway.hold();
  place(kim, "A");
  harness.api_clock.advance(std::chrono::seconds(61));
  EXPECT_EQ(at(op.get("/saga/maintenance/saga-health").json(), "/issues/stuckSagas"), 1);
  const auto flows = kim.get("/trace/active-flows").json();
  EXPECT_EQ(at(flows, "/stuckFlows"), 1);
  EXPECT_EQ(at(flows, "/flows/0/isStuck"), true);
}

TEST(HttpOldProduction, MaintenanceAndTestRoutesAreShut) {
  ApiSettings settings;
  settings.mode = Mode::production;
  Harness harness(settings);
  const Caller kim = harness.sign_up("kim");
  const Caller op = harness.sign_up("op", Role::operator_);
  const Caller root = harness.sign_up("root", Role::admin);
  const auto statuses = [&](std::string_view method, std::string_view path) {
    return fmt::format("{} {} {} {}", harness.nobody().call(method, path).status, kim.call(method, path).status,
                       op.call(method, path).status, root.call(method, path).status);
  };
  EXPECT_EQ(statuses("GET", "/saga/maintenance/pending-orders"), "401 403 200 200");
  EXPECT_EQ(statuses("GET", "/saga/maintenance/saga-health"), "401 403 200 200");
  EXPECT_EQ(statuses("POST", "/saga/maintenance/cleanup-pending"), "401 403 201 201");
  for (const std::string path : {"/db-pool", "/db-test", "/kafka-test", "/redis-test/lock-status/x"}) {
    EXPECT_EQ(statuses("GET", path), "401 403 403 200") << path;
  }
  EXPECT_EQ(statuses("POST", "/redis-test/lock/x?duration=1"), "401 403 403 201");
  EXPECT_EQ(statuses("POST", "/redis-test/manual-lock/x"), "401 403 403 201");
  EXPECT_EQ(statuses("POST", "/redis-test/saga-creation-test?correlationId=x"), "401 403 403 201");
  EXPECT_EQ(statuses("GET", "/health"), "200 200 200 200");
}

}  // namespace
}  // namespace edda::http

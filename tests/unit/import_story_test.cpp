// What the replaced system's rows become: each combination of states that it can leave behind.
#include "maintenance/import_story.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "maintenance/verify_case.hpp"
#include "orders/client_key.hpp"
#include "turn/turn.hpp"

namespace edda::maintenance {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr Timestamp made = from_micros(1'790'000'000'000'000);

Uuid old_id(std::uint8_t kind) {
  Uuid id;
  id.bytes = {kind, 1, 2, 3, 4, 5, 0x40 + 6, 7, 0x80 + 8, 9, 10, 11, 12, 13, 14, kind};
  return id;
}

replaced::OrderRecord record(const std::string& order, const std::string& payment, const std::string& saga) {
  replaced::OrderRecord record{.id = OrderId{old_id(1)}, .user = UserId{old_id(2)}, .total = "30.00", .status = order,
                               .items = R"([{"price": 20, "quantity": 1.5, "productId": "X", "productName": "n"}])", .shipping_address = "Seoul",
                               .idempotency_key = "key", .cancel_reason = "changed my mind", .created_at = made,
                               .updated_at = made + std::chrono::seconds(1), .payments = {}, .sagas = {}};
  if (!payment.empty()) record.payments = {{old_id(3), "30.00", payment, payment == "completed" ? "ext_tx_1" : "", payment == "failed" ? "no funds" : ""}};
  if (!saga.empty()) record.sagas = {{old_id(4), "OrderProcessingSaga", saga, "payment_processing", ""}};
  return record;
}

ImportedOrder import(const replaced::OrderRecord& record) { return import_order(record, Currency{}, 16); }
ImportedOrder import(const std::string& order, const std::string& payment, const std::string& saga) {
  return import(record(order, payment, saga));
}

std::string story(const ImportedOrder& told) {
  if (!told.beginning) return "left out";
  const auto& state = told.state;
  std::string text = fmt::format("{} {} {}", to_string(state.order.status), to_string(state.payment.status),
                                 to_string(state.find_saga(state.order.saga)->status));
  for (const auto& saga : state.sagas) {
    if (const auto fault = fault_of(saga)) text += ": " + *fault;
  }
  if (state.sagas.size() > 1) text += fmt::format(", {} {}", state.sagas[1].definition->name, to_string(state.sagas[1].status));
  return text;
}
std::string story(const std::string& order, const std::string& payment, const std::string& saga) { return story(import(order, payment, saga)); }

TEST(UnitImportStory, TellsWhatHasEnded) {
  EXPECT_EQ(story("paid", "completed", "completed"), "paid completed completed");
  EXPECT_EQ(story("shipped", "completed", "completed"), "shipped completed completed");
  EXPECT_EQ(story("delivered", "completed", "completed"), "delivered completed completed");
  EXPECT_EQ(story("cancelled", "failed", "compensated"), "cancelled failed compensated");
  EXPECT_EQ(story("failed", "failed", "compensated"), "cancelled failed compensated");
  EXPECT_EQ(story("cancelled", "refunded", "completed"), "cancelled refunded completed, OrderCancellationSaga completed");
  EXPECT_EQ(story("cancelled", "refunded", "compensated"), "cancelled refunded compensated");
  EXPECT_EQ(story("cancelled", "", "compensated"), "cancelled failed compensated");
}

TEST(UnitImportStory, ParksWhatHasNotEnded) {
  for (const char* saga : {"started", "compensating", "failed", ""}) {
    EXPECT_EQ(story("pending", "", saga), "pending processing parked");
    EXPECT_EQ(story("pending", "processing", saga), "pending processing parked");
    EXPECT_EQ(story("processing", "pending", saga), "pending processing parked");
    EXPECT_EQ(story("pending", "completed", saga), "pending completed parked");
    EXPECT_EQ(story("pending", "failed", saga), "pending failed parked");
    EXPECT_EQ(story("paid", "completed", saga), "paid completed parked");
    EXPECT_EQ(story("delivered", "completed", saga), "delivered completed parked");
    EXPECT_EQ(story("cancelled", "failed", saga), "cancelled failed parked");
    EXPECT_EQ(story("cancelled", "", saga), "cancelling processing parked");
    EXPECT_EQ(story("cancelled", "processing", saga), "cancelling processing parked");
    EXPECT_EQ(story("cancelled", "completed", saga), "cancelling completed parked");
    EXPECT_EQ(story("cancelled", "refunded", saga), "cancelled refunded parked");
    EXPECT_THAT(import("pending", "", saga).parked, SizeIs(1));
  }
}

TEST(UnitImportStory, SetsAsideWhatWasNeverPaidBack) {
  const auto told = import("cancelled", "completed", "completed");
  EXPECT_EQ(story(told), "cancelling completed completed, OrderCancellationSaga parked");
  ASSERT_THAT(told.state.payment.refunds, SizeIs(1));
  EXPECT_EQ(told.state.payment.refunds[0].minor, 3'000);
  EXPECT_EQ(told.state.payment.refundable_minor(), 0);
  EXPECT_EQ(told.state.order.cancellation_reason, "changed my mind");
  ASSERT_THAT(told.parked, SizeIs(1));
  EXPECT_EQ(told.parked[0].replaced, "");
  EXPECT_THAT(told.parked[0].reason, HasSubstr("never paid back"));
}

TEST(UnitImportStory, LeavesOutWhatContradictsItself) {
  EXPECT_EQ(story("paid", "failed", "completed"), "left out");
  EXPECT_EQ(story("paid", "", "completed"), "left out");
  EXPECT_EQ(story("paid", "completed", "compensated"), "left out");
  EXPECT_EQ(story("pending", "refunded", "started"), "left out");
  EXPECT_EQ(story("cancelled", "failed", "completed"), "left out");
  EXPECT_EQ(story("lost", "completed", "completed"), "left out");
  const auto told = import("paid", "failed", "completed");
  ASSERT_THAT(told.left_out, SizeIs(3));
  EXPECT_EQ(told.left_out[0].table, "orders");
  EXPECT_EQ(told.left_out[0].amount, "30.00");
  EXPECT_EQ(told.left_out[1].table, "payments");
  EXPECT_EQ(told.left_out[2].table, "saga_instances");
}

TEST(UnitImportStory, LeavesOutWhatCannotBeKeptExactly) {
  const auto with = [](auto change) {
    auto row = record("paid", "completed", "completed");
    change(row);
    const auto told = import(row);
    return told.left_out.empty() ? std::string() : told.left_out[0].reason;
  };
  EXPECT_EQ(with([](auto&) {}), "");
  EXPECT_THAT(with([](auto& r) { r.total = "NaN"; }), HasSubstr("its total is no amount"));
  EXPECT_THAT(with([](auto& r) { r.items = "{}"; }), HasSubstr("no JSON array"));
  EXPECT_THAT(with([](auto& r) { r.items = "[1]"; }), HasSubstr("no object"));
  EXPECT_THAT(with([](auto& r) { r.items = R"([{"price": 0.005, "quantity": 1, "productId": "X", "productName": "n"}])"; }), HasSubstr("price 0.005"));
  EXPECT_THAT(with([](auto& r) { r.items = R"([{"price": 1, "quantity": "1", "productId": "X", "productName": "n"}])"; }), HasSubstr("quantity"));
  EXPECT_THAT(with([](auto& r) { r.payments[0].amount = "29.99"; }), HasSubstr("is over 29.99"));
  EXPECT_THAT(with([](auto& r) { r.sagas[0].type = "OtherSaga"; }), HasSubstr("OtherSaga"));
}

TEST(UnitImportStory, KeepsTheOrdersIdAndGivesTheOthersOnesOfItsShard) {
  const auto told = import("paid", "completed", "completed");
  ASSERT_TRUE(told.beginning && told.end);
  EXPECT_EQ(told.state.order.id.value, old_id(1));
  EXPECT_EQ(told.state.payment.id.value.low16(), old_id(1).low16());
  EXPECT_EQ(told.state.order.saga.value.low16(), old_id(1).low16());
  EXPECT_NE(told.state.payment.id.value, told.state.order.saga.value);
  ASSERT_THAT(told.beginning->claims, SizeIs(3));
  EXPECT_EQ(told.beginning->claims[0].key, orders::alias_claim(to_string(old_id(3))));
  EXPECT_EQ(told.beginning->claims[0].stream, stream_of(told.state.payment.id));
  EXPECT_EQ(told.beginning->claims[1].key, orders::alias_claim(to_string(old_id(4))));
  EXPECT_EQ(told.beginning->claims[2].key, orders::order_key_claim("key"));
  for (const NewEvent& event : told.beginning->events) {
    if (event.type == "PaymentRequested") EXPECT_THAT(event.data, HasSubstr(fmt::format(R"("replacedId":"{}"}})", to_string(old_id(3)))));
    if (event.type == "SagaStarted") EXPECT_THAT(event.data, HasSubstr(fmt::format(R"("replacedId":"{}"}})", to_string(old_id(4)))));
  }
  EXPECT_EQ(told.beginning->proposed_at, made);
  EXPECT_EQ(told.end->proposed_at, made + std::chrono::seconds(1));
  EXPECT_EQ(told.state.order.items->at(0).quantity.thousandths, 1'500);
  EXPECT_EQ(told.state.payment.external_transaction_id, "ext_tx_1");
  const auto again = import("paid", "completed", "completed");
  EXPECT_EQ(again.beginning->id, told.beginning->id);
  EXPECT_NE(told.beginning->id, told.end->id);
}

TEST(UnitImportStory, OfSeveralPaymentsTellsTheCompletedOne) {
  auto row = record("paid", "failed", "completed");
  row.payments.push_back({old_id(5), "30.00", "completed", "ext_tx_5", ""});
  const auto told = import(row);
  EXPECT_EQ(story(told), "paid completed completed");
  EXPECT_EQ(told.state.payment.external_transaction_id, "ext_tx_5");
  ASSERT_THAT(told.left_out, SizeIs(1));
  EXPECT_EQ(told.left_out[0].id, to_string(old_id(3)));
}

/// What an operator does after the import leads every parked order to an end.
TEST(UnitImportStory, AParkedSagaGoesOnFromWhereItsRowsEnd) {
  const auto operate = [](ImportedOrder told, saga::Operate what, std::chrono::seconds later = std::chrono::seconds(60)) {
    what.by = UserId{old_id(9)};
    what.reason = "looked it up";
    auto decision = turn::decide(told.state, turn::OperateSaga{told.parked.at(0).saga, what},
                                 {made + later, 0, SagaId{old_id(8)}, Epoch{1}});
    if (!decision) return std::string(turn::to_string(decision.error()));
    told.state = decision->after;
    return story(told);
  };
  const auto stated = [](saga::Outcome outcome, const char* step) {
    saga::Operate what;
    what.action = saga::OperatorAction::state_outcome;
    what.step = step;
    what.outcome = outcome;
    return what;
  };
  saga::Operate retry;
  retry.action = saga::OperatorAction::retry;
  saga::Operate close;
  close.action = saga::OperatorAction::force_close;
  EXPECT_EQ(operate(import("pending", "", "started"), stated(saga::Outcome::succeeded, "payment_processing")), "paid completed completed");
  EXPECT_EQ(operate(import("pending", "", "started"), stated(saga::Outcome::declined, "payment_processing")), "cancelled failed compensated");
  EXPECT_EQ(operate(import("pending", "", "started"), retry), "key_forgotten");
  EXPECT_EQ(operate(import("pending", "", "started"), close), "step_open");
  saga::Operate cancel;
  cancel.action = saga::OperatorAction::cancel;
  EXPECT_EQ(operate(import("pending", "", "started"), cancel), "cancelling processing parked");  // not voided: that would say nothing
  EXPECT_EQ(operate(import("pending", "completed", "started"), retry), "paid completed completed");
  EXPECT_EQ(operate(import("pending", "failed", "started"), retry), "cancelled failed compensated");
  EXPECT_EQ(operate(import("paid", "completed", "started"), retry), "paid completed completed");
  EXPECT_EQ(operate(import("cancelled", "failed", "started"), retry), "cancelled failed compensated");
  EXPECT_EQ(operate(import("cancelled", "completed", "completed"), stated(saga::Outcome::succeeded, "payment_refund")),
            "cancelled refunded completed, OrderCancellationSaga completed");
  EXPECT_EQ(operate(import("cancelled", "completed", "started"), stated(saga::Outcome::succeeded, "payment_processing")),
            "cancelled refunded compensated");
}

}  // namespace
}  // namespace edda::maintenance

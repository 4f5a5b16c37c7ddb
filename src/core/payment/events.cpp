#include "payment/events.hpp"

#include <fmt/format.h>

#include "base/json_reader.hpp"
#include "base/json_writer.hpp"
#include "base/overloaded.hpp"
#include "eventsourcing/event.hpp"

namespace edda::payment {
namespace {

void write(JsonWriter& json, const PaymentRequested& e) { json.field("userId", e.user).field("amount", e.amount); }
void write(JsonWriter& json, const PaymentProcessed& e) {
  json.field("userId", e.user).field("amount", e.amount).field("externalTransactionId", e.external_transaction_id);
  if (e.late) json.field("late", true);
}
void write(JsonWriter& json, const PaymentFailed& e) {
  json.field("userId", e.user).field("amount", e.amount).field("failureReason", e.failure_reason);
}
void write(JsonWriter& json, const PaymentRefundRequested& e) {
  json.field("sagaId", e.saga).field("refundAmount", e.amount).field("reason", e.reason);
}
void write(JsonWriter& json, const PaymentRefunded& e) {
  json.field("sagaId", e.saga)
      .field("refundAmount", e.amount)
      .field("reason", e.reason)
      .field("externalTransactionId", e.external_transaction_id);
}
void write(JsonWriter& json, const PaymentRefundDeclined& e) {
  json.field("sagaId", e.saga).field("refundAmount", e.amount).field("failureReason", e.failure_reason);
}

Result<Event> read(std::string_view type, JsonReader& json) {
  const auto payment = json.id<PaymentId>("paymentId");
  const auto order = json.id<OrderId>("orderId");
  if (type == "PaymentRequested") return PaymentRequested{payment, order, json.id<UserId>("userId"), json.money("amount")};
  if (type == "PaymentProcessed")
    return PaymentProcessed{payment,
                            order,
                            json.id<UserId>("userId"),
                            json.money("amount"),
                            json.string("externalTransactionId"),
                            json.boolean_or("late", false)};
  if (type == "PaymentFailed")
    return PaymentFailed{payment, order, json.id<UserId>("userId"), json.money("amount"), json.string("failureReason")};
  if (type == "PaymentRefundRequested")
    return PaymentRefundRequested{payment, order, json.id<SagaId>("sagaId"), json.money("refundAmount"),
                                  json.string("reason")};
  if (type == "PaymentRefunded")
    return PaymentRefunded{payment,
                           order,
                           json.id<SagaId>("sagaId"),
                           json.money("refundAmount"),
                           json.string("reason"),
                           json.string("externalTransactionId")};
  if (type == "PaymentRefundDeclined")
    return PaymentRefundDeclined{payment, order, json.id<SagaId>("sagaId"), json.money("refundAmount"),
                                 json.string("failureReason")};
  return fail_newer_release(fmt::format("'{}' is no event of a payment this release knows", type));
}

}  // namespace

std::string_view type_name(const Event& event) {
  return std::visit(overloaded{
                        [](const PaymentRequested&) -> std::string_view { return "PaymentRequested"; },
                        [](const PaymentProcessed&) -> std::string_view { return "PaymentProcessed"; },
                        [](const PaymentFailed&) -> std::string_view { return "PaymentFailed"; },
                        [](const PaymentRefundRequested&) -> std::string_view { return "PaymentRefundRequested"; },
                        [](const PaymentRefunded&) -> std::string_view { return "PaymentRefunded"; },
                        [](const PaymentRefundDeclined&) -> std::string_view { return "PaymentRefundDeclined"; },
                    },
                    event);
}

std::string encode(const Event& event) {
  JsonWriter json;
  json.begin_object();
  std::visit(
      [&](const auto& e) {
        json.field("paymentId", e.payment).field("orderId", e.order);
        write(json, e);
      },
      event);
  json.end_object();
  return json.take();
}

Result<Event> decode(std::string_view type, std::string_view data) {
  JsonReader json(data);
  auto event = read(type, json);
  if (event && json.error()) return std::unexpected(*json.error());
  return event;
}

}  // namespace edda::payment

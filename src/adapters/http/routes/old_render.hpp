#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.hpp"
#include "order/item.hpp"
#include "ports/read_models.hpp"

/// The replaced system's JSON for orders, payments and sagas.
namespace edda::http::old {

/// Its clients know fewer states: `cancelling` shows as "cancelled".
std::string_view status_name(OrderStatus status);
inline std::string_view status_name(PaymentStatus status) { return to_string(status); }
/// Parked, paused and force-closed sagas show as "failed".
std::string_view status_name(SagaStatus status);

/// What a client that asks for "failed" (...) gets; nothing for a status that is none.
std::optional<std::vector<SagaStatus>> saga_statuses(std::string_view name);
/// Empty for a status that no order ever has ("processing", "failed"); nothing for one that is none.
std::optional<std::vector<OrderStatus>> order_statuses(std::string_view name);

/// There a step counts as completed as soon as its payment is asked for, and stays so when the payment is declined.
std::vector<std::string> completed_steps(const SagaRow& saga);
/// Empty where there was none to be seen: a declined payment is no error of the saga.
std::string_view error_message(const SagaRow& saga);

/// Major units as an exact JSON number.
void write_amount(JsonWriter& json, std::string_view name, Money amount);
/// null where the text is empty.
void write_nullable(JsonWriter& json, std::string_view name, std::string_view text);
void write_strings(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts);
/// The member "items".
void write_items(JsonWriter& json, const std::vector<order::Item>& items);

/// An order as the order routes give it.
struct OrderView {
  OrderId id;
  UserId user;
  Money total;
  OrderStatus status;
  const std::vector<order::Item>& items;
  std::string_view shipping_address;
  Timestamp created_at;
  Timestamp updated_at;
};
OrderView view_of(const OrderRecord& order);
/// One object of 8 fields.
void write_order(JsonWriter& json, const OrderView& order);

/// The member "data": what the saga was started with.
void write_saga_data(JsonWriter& json, const OrderRecord& order);
/// Members status, currentStep, completedSteps, compensationSteps, errorMessage, as far as a shape has them.
void write_saga_progress(JsonWriter& json, const SagaRow& saga, bool with_compensation);
/// The member "payment" of three fields, or null.
void write_payment_outcome(JsonWriter& json, const std::optional<PaymentRecord>& payment);
/// One object of 11 fields.
void write_saga(JsonWriter& json, const SagaRecord& saga, const OrderRecord& order);

}  // namespace edda::http::old

#pragma once

#include <string>
#include <string_view>

#include "base/json_writer.hpp"
#include "eventsourcing/event.hpp"
#include "http/message.hpp"
#include "orders/order_service.hpp"
#include "ports/read_models.hpp"
#include "ports/users.hpp"
#include "saga/engine.hpp"

/// The /v1 resources as JSON: snake_case, money in minor units, null where there is nothing.
namespace edda::http::v1 {

void write_order(JsonWriter& json, const OrderRecord& order);
/// As the command left it. `shipping_address` is the order's.
void write_order(JsonWriter& json, const orders::Answer& answer, std::string_view shipping_address);
void write_payment(JsonWriter& json, const PaymentRecord& payment);
/// With `steps` where the saga was folded from its events.
void write_saga(JsonWriter& json, const SagaRecord& saga, const saga::State* folded);
/// One saga alone, with its ETag: as it was folded to the version of its row.
Response saga_answer(int status, const SagaRecord& saga, const saga::State& folded);
/// On one line, as an event stream needs it.
void write_event(JsonWriter& json, const RecordedEvent& event);
void write_user(JsonWriter& json, const User& user);

/// "order", "payment", "saga" or "product": what the event's stream tells of.
std::string_view stream_type_of(const RecordedEvent& event);

/// As a JSON number: 2, or 1.5.
std::string quantity_text(order::Quantity quantity);
/// null for an empty text.
void write_text_or_null(JsonWriter& json, std::string_view name, std::string_view text);
/// Ends a list: has_more and next_cursor (null for an empty one).
void write_page_end(JsonWriter& json, bool has_more, std::string_view next_cursor);

}  // namespace edda::http::v1

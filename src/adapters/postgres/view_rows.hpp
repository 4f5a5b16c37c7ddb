#pragma once

#include <string_view>

#include "ports/read_models.hpp"
#include "postgres/rows.hpp"

namespace edda::postgres {

// Rows of the views as the queries select them. Errors: corrupt, when a stored text means nothing to this Edda.

inline constexpr std::string_view order_columns =
    "v.id, v.created_at, v.updated_at, v.version, v.user_id, v.status, v.total_minor, v.currency, v.payment_id, v.saga_id";
inline constexpr std::string_view payment_columns =
    "v.id, v.created_at, v.updated_at, v.version, v.order_id, v.user_id, v.status, v.amount_minor, v.currency,"
    " v.refunded_minor, v.external_transaction_id, v.failure_reason";
inline constexpr std::string_view saga_columns =
    "v.id, v.created_at, v.updated_at, v.version, v.order_id, v.user_id, v.definition, v.definition_version, v.status,"
    " v.current_step, v.completed_steps, v.compensation_steps, v.error";
inline constexpr std::string_view product_columns =
    "v.id, v.created_at, v.updated_at, v.version, v.product, v.name, v.merchant, v.tracked, v.available, v.held";

Result<Stored<OrderRow>> order_row(const Row& row);
Result<Stored<PaymentRow>> payment_row(const Row& row);
Result<Stored<SagaRow>> saga_row(const Row& row);
Result<Stored<ProductRow>> product_row(const Row& row);

/// What was bought and what was refunded stand behind the order's columns: the first event's type and data, the payment's refund.
inline constexpr std::string_view order_details =
    "e.type, e.data, (SELECT p.refunded_minor FROM payment_view p WHERE p.id = v.payment_id)";
/// What an order is joined with for its details.
inline constexpr std::string_view order_join = "JOIN events e ON e.stream = v.id AND e.version = 1";
Result<OrderRecord> order_record(const Row& row);

}  // namespace edda::postgres

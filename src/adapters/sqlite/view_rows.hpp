#pragma once

#include <string_view>

#include "ports/read_models.hpp"
#include "sqlite/statement.hpp"

namespace edda::sqlite {

// Rows of the views as the queries select them. Errors: corrupt, when a stored text means nothing to this Edda.

inline constexpr std::string_view order_columns =
    "v.created_at, v.id, v.updated_at, v.user, v.status, v.total_minor, v.currency, v.payment, v.saga, v.version";
inline constexpr std::string_view payment_columns =
    "v.created_at, v.id, v.updated_at, v.order_id, v.user, v.status, v.amount_minor, v.currency, v.refunded_minor,"
    " v.external_transaction_id, v.failure_reason, v.version";
inline constexpr std::string_view saga_columns =
    "v.created_at, v.id, v.updated_at, v.order_id, v.user, v.definition, v.definition_version, v.status, "
    "v.current_step,"
    " v.completed_steps, v.compensation_steps, v.error, v.version";

inline constexpr std::string_view product_columns =
    "v.created_at, v.id, v.updated_at, v.product, v.name, v.merchant, v.tracked, v.available, v.held, v.version";

Result<Stored<OrderRow>> order_row(const Row& row);
Result<Stored<PaymentRow>> payment_row(const Row& row);
Result<Stored<SagaRow>> saga_row(const Row& row);
Result<Stored<ProductRow>> product_row(const Row& row);

/// What was bought and what was refunded stand behind the order's columns: the first event's type and data, the
/// payment's refund.
inline constexpr std::string_view order_details =
    "e.type, e.data, (SELECT p.refunded_minor FROM payment_view p WHERE p.id = v.payment"
    " AND p.created_at = (SELECT f.at FROM events f WHERE f.stream = v.payment AND f.version = 1))";
Result<OrderRecord> order_record(const Row& row);

}  // namespace edda::sqlite

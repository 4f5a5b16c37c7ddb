#pragma once

#include <optional>
#include <vector>

#include "ports/view_rebuild.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/write_statements.hpp"

namespace edda::sqlite {

/// What the views hold under one stream; at most one of them when all is well.
struct ViewRows {
  std::optional<Stored<OrderRow>> order;
  std::optional<Stored<PaymentRow>> payment;
  std::optional<Stored<SagaRow>> saga;
  std::optional<Stored<ProductRow>> product;
};

/// The rows that a stream's events fold to. Errors: the fold's.
Result<ViewRows> rows_of_log(const std::vector<RecordedEvent>& stream, const StreamFold& fold);
/// The rows that stand under the stream now.
Result<ViewRows> rows_of_views(Connection& connection, StreamId stream, Timestamp created_at);
/// Replaces what stands under the stream, and counts the change in the totals. Belongs into a write transaction of the
/// connection, to which the statements belong too.
Result<void> replace_rows(Connection& connection, WriteStatements& statements, StreamId stream, Timestamp created_at,
                          const ViewRows& rows);

}  // namespace edda::sqlite

#pragma once

#include <map>
#include <optional>
#include <vector>

#include "ports/view_rebuild.hpp"
#include "postgres/connection.hpp"

namespace edda::postgres {

/// What the views hold under one stream; at most one of them when all is well.
struct ViewRows {
  std::optional<Stored<OrderRow>> order;
  std::optional<Stored<PaymentRow>> payment;
  std::optional<Stored<SagaRow>> saga;
  std::optional<Stored<ProductRow>> product;
};

/// The rows that a stream's events fold to. Errors: the fold's.
Result<ViewRows> rows_of_log(const std::vector<RecordedEvent>& stream, const StreamFold& fold);
/// The rows that stand under the streams now, by stream; those that have none are left out.
Task<Result<std::map<Uuid, ViewRows>>> rows_of_views(Connection& connection, std::vector<Uuid> streams,
                                                     Deadline deadline);
/// Replaces what stands under the stream, and counts the change in the shard's totals. Belongs into a transaction that holds the shard's
/// row. Lifetime: `rows` stays until the answer.
Task<Result<void>> replace_rows(Connection& connection, ShardId shard, StreamId stream, const ViewRows& rows,
                                Deadline deadline);

}  // namespace edda::postgres

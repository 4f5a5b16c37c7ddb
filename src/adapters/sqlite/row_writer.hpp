#pragma once

#include <span>

#include "sqlite/write_statements.hpp"
#include "views/rows.hpp"

namespace edda::sqlite {

/// A saga's row on its way into the view.
struct SagaToPut {
  const SagaRow* row;
  Timestamp created_at;
  Timestamp updated_at;
  bool exists;
};

/// Writes view rows. `created_at` is where the row stands: the time of its stream's first event.
class RowWriter {
 public:
  explicit RowWriter(WriteStatements& statements) : statements_(statements) {}

  Result<void> insert(const OrderRow& row, Timestamp created_at, Timestamp updated_at);
  Result<void> insert(const PaymentRow& row, Timestamp created_at, Timestamp updated_at);
  Result<void> insert(const SagaRow& row, Timestamp created_at, Timestamp updated_at);
  Result<void> update(const OrderRow& row, Timestamp created_at, Timestamp updated_at);
  Result<void> update(const PaymentRow& row, Timestamp created_at, Timestamp updated_at);
  Result<void> update(const SagaRow& row, Timestamp created_at, Timestamp updated_at);
  /// Inserts or updates the rows of different sagas, as many as fit into one statement at once.
  Result<void> put(std::span<const SagaToPut> sagas);
  /// Whether there is such a row or not.
  Result<void> put(const ProductRow& row, Timestamp created_at, Timestamp updated_at);

 private:
  Result<void> put_at_once(Statement& statement, std::span<const SagaToPut> sagas);

  WriteStatements& statements_;
};

}  // namespace edda::sqlite

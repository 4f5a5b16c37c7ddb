#pragma once

#include "sqlite/write_statements.hpp"
#include "views/rows.hpp"

namespace edda::sqlite {

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

 private:
  WriteStatements& statements_;
};

}  // namespace edda::sqlite

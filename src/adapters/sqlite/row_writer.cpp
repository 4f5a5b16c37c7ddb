#include "sqlite/row_writer.hpp"

#include "sqlite/steps_text.hpp"

namespace edda::sqlite {

Result<void> RowWriter::insert(const OrderRow& row, Timestamp created_at, Timestamp updated_at) {
  return statements_.insert_order.run(created_at, row.id, updated_at, to_string(row.status), row.total.minor,
                                      row.total.currency.view(), row.version, row.user, row.payment, row.saga);
}

Result<void> RowWriter::update(const OrderRow& row, Timestamp created_at, Timestamp updated_at) {
  return statements_.update_order.run(created_at, row.id, updated_at, to_string(row.status), row.total.minor,
                                      row.total.currency.view(), row.version);
}

Result<void> RowWriter::insert(const PaymentRow& row, Timestamp created_at, Timestamp updated_at) {
  return statements_.insert_payment.run(created_at, row.id, updated_at, to_string(row.status), row.amount.minor,
                                        row.amount.currency.view(), row.refunded_minor, row.external_transaction_id,
                                        row.failure_reason, row.version, row.order, row.user);
}

Result<void> RowWriter::update(const PaymentRow& row, Timestamp created_at, Timestamp updated_at) {
  return statements_.update_payment.run(created_at, row.id, updated_at, to_string(row.status), row.amount.minor,
                                        row.amount.currency.view(), row.refunded_minor, row.external_transaction_id,
                                        row.failure_reason, row.version);
}

Result<void> RowWriter::insert(const SagaRow& row, Timestamp created_at, Timestamp updated_at) {
  return statements_.insert_saga.run(created_at, row.id, updated_at, to_string(row.status), row.definition,
                                     row.definition_version, row.current_step, steps_to_text(row.completed_steps),
                                     steps_to_text(row.compensation_steps), row.error, row.version, row.order,
                                     row.user);
}

Result<void> RowWriter::update(const SagaRow& row, Timestamp created_at, Timestamp updated_at) {
  return statements_.update_saga.run(created_at, row.id, updated_at, to_string(row.status), row.definition,
                                     row.definition_version, row.current_step, steps_to_text(row.completed_steps),
                                     steps_to_text(row.compensation_steps), row.error, row.version);
}

}  // namespace edda::sqlite

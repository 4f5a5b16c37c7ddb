#include "sqlite/row_writer.hpp"

#include <array>

#include "views/steps_text.hpp"

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

Result<void> RowWriter::put(std::span<const SagaToPut> sagas) {
  for (std::size_t size = 0; size < statements_.put_sagas.size(); ++size) {
    const auto rows = static_cast<std::size_t>(WriteStatements::put_sagas_rows[size]);
    for (; sagas.size() >= rows; sagas = sagas.subspan(rows)) {
      TRY_VOID(put_at_once(statements_.put_sagas[size], sagas.first(rows)));
    }
  }
  for (const SagaToPut& saga : sagas) {
    TRY_VOID(saga.exists ? update(*saga.row, saga.created_at, saga.updated_at)
                         : insert(*saga.row, saga.created_at, saga.updated_at));
  }
  return {};
}

Result<void> RowWriter::put_at_once(Statement& statement, std::span<const SagaToPut> sagas) {
  struct Texts {
    std::string completed;
    std::string compensation;
  };
  std::array<Texts, WriteStatements::put_sagas_rows.front()> texts;  // bound, so they stay until the statement has run
  int parameter = 1;
  for (std::size_t i = 0; i < sagas.size(); ++i) {
    const SagaRow& row = *sagas[i].row;
    texts[i] = {steps_to_text(row.completed_steps), steps_to_text(row.compensation_steps)};
    parameter = statement.bind_row(parameter, sagas[i].created_at, row.id, sagas[i].updated_at, to_string(row.status),
                                   row.definition, row.definition_version, row.current_step, texts[i].completed,
                                   texts[i].compensation, row.error, row.version, row.order, row.user);
  }
  return statement.run();
}

Result<void> RowWriter::put(const ProductRow& row, Timestamp created_at, Timestamp updated_at) {
  return statements_.put_product.run(created_at, row.id, updated_at, row.product, row.name, row.merchant, row.tracked,
                                     row.available, row.held, row.version);
}

}  // namespace edda::sqlite

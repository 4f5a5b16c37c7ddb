#include "sqlite/view_rows.hpp"

#include <variant>

#include "order/events.hpp"
#include "views/steps_text.hpp"

namespace edda::sqlite {
namespace {

constexpr int order_column_count = 10;

template <class Status>
Result<Status> known(std::optional<Status> status) {
  if (!status) return fail(Errc::corrupt, "A read model holds a status that this Edda does not know.");
  return *status;
}

Result<Money> money(std::int64_t minor, std::string_view currency) {
  const auto code = parse_currency(currency);
  if (!code) return fail(Errc::corrupt, "A read model holds a currency that is none.");
  return Money{minor, *code};
}

}  // namespace

Result<Stored<OrderRow>> order_row(const Row& row) {
  Stored<OrderRow> stored;
  stored.created_at = row.timestamp(0);
  stored.updated_at = row.timestamp(2);
  OrderRow& order = stored.row;
  order.id = row.id<OrderId>(1);
  order.user = row.id<UserId>(3);
  TRY(order.status, known(parse_order_status(row.text_view(4))));
  TRY(order.total, money(row.integer(5), row.text_view(6)));
  order.payment = row.id<PaymentId>(7);
  order.saga = row.id<SagaId>(8);
  order.version = StreamVersion{row.integer(9)};
  return stored;
}

Result<Stored<PaymentRow>> payment_row(const Row& row) {
  Stored<PaymentRow> stored;
  stored.created_at = row.timestamp(0);
  stored.updated_at = row.timestamp(2);
  PaymentRow& payment = stored.row;
  payment.id = row.id<PaymentId>(1);
  payment.order = row.id<OrderId>(3);
  payment.user = row.id<UserId>(4);
  TRY(payment.status, known(parse_payment_status(row.text_view(5))));
  TRY(payment.amount, money(row.integer(6), row.text_view(7)));
  payment.refunded_minor = row.integer(8);
  payment.external_transaction_id = row.text(9);
  payment.failure_reason = row.text(10);
  payment.version = StreamVersion{row.integer(11)};
  return stored;
}

Result<Stored<SagaRow>> saga_row(const Row& row) {
  Stored<SagaRow> stored;
  stored.created_at = row.timestamp(0);
  stored.updated_at = row.timestamp(2);
  SagaRow& saga = stored.row;
  saga.id = row.id<SagaId>(1);
  saga.order = row.id<OrderId>(3);
  saga.user = row.id<UserId>(4);
  saga.definition = row.text(5);
  saga.definition_version = static_cast<int>(row.integer(6));
  TRY(saga.status, known(parse_saga_status(row.text_view(7))));
  saga.current_step = row.text(8);
  TRY(saga.completed_steps, steps_from_text(row.text_view(9)));
  TRY(saga.compensation_steps, steps_from_text(row.text_view(10)));
  saga.error = row.text(11);
  saga.version = StreamVersion{row.integer(12)};
  return stored;
}

Result<Stored<ProductRow>> product_row(const Row& row) {
  Stored<ProductRow> stored;
  stored.created_at = row.timestamp(0);
  stored.updated_at = row.timestamp(2);
  ProductRow& product = stored.row;
  product.id = row.id<ProductId>(1);
  product.product = row.text(3);
  product.name = row.text(4);
  product.merchant = row.id<UserId>(5);
  product.tracked = row.integer(6) != 0;
  product.available = row.integer(7);
  product.held = row.integer(8);
  product.version = StreamVersion{row.integer(9)};
  return stored;
}

Result<OrderRecord> order_record(const Row& row) {
  OrderRecord record;
  TRY(static_cast<Stored<OrderRow>&>(record), order_row(row));
  TRY(const auto first, order::decode(row.text_view(order_column_count), row.text_view(order_column_count + 1)));
  if (const auto* created = std::get_if<order::OrderCreated>(&first)) {
    record.items = created->items;
    record.shipping_address = created->shipping_address;
  }
  record.refunded_minor = row.integer(order_column_count + 2);
  return record;
}

}  // namespace edda::sqlite

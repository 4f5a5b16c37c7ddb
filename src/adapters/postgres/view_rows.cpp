#include "postgres/view_rows.hpp"

#include <variant>

#include "order/events.hpp"
#include "views/steps_text.hpp"

namespace edda::postgres {
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

/// What all views begin with.
template <class ViewRow>
Stored<ViewRow> begin(const Row& row) {
  Stored<ViewRow> stored;
  stored.row.id.value = row.uuid(0);
  stored.created_at = row.timestamp(1);
  stored.updated_at = row.timestamp(2);
  stored.row.version = StreamVersion{row.integer(3)};
  return stored;
}

}  // namespace

Result<Stored<OrderRow>> order_row(const Row& row) {
  auto stored = begin<OrderRow>(row);
  OrderRow& order = stored.row;
  order.user = row.id<UserId>(4);
  TRY(order.status, known(parse_order_status(row.text_view(5))));
  TRY(order.total, money(row.integer(6), row.text_view(7)));
  order.payment = row.id<PaymentId>(8);
  order.saga = row.id<SagaId>(9);
  return stored;
}

Result<Stored<PaymentRow>> payment_row(const Row& row) {
  auto stored = begin<PaymentRow>(row);
  PaymentRow& payment = stored.row;
  payment.order = row.id<OrderId>(4);
  payment.user = row.id<UserId>(5);
  TRY(payment.status, known(parse_payment_status(row.text_view(6))));
  TRY(payment.amount, money(row.integer(7), row.text_view(8)));
  payment.refunded_minor = row.integer(9);
  payment.external_transaction_id = row.text(10);
  payment.failure_reason = row.text(11);
  return stored;
}

Result<Stored<SagaRow>> saga_row(const Row& row) {
  auto stored = begin<SagaRow>(row);
  SagaRow& saga = stored.row;
  saga.order = row.id<OrderId>(4);
  saga.user = row.id<UserId>(5);
  saga.definition = row.text(6);
  saga.definition_version = static_cast<int>(row.integer(7));
  TRY(saga.status, known(parse_saga_status(row.text_view(8))));
  saga.current_step = row.text(9);
  TRY(saga.completed_steps, steps_from_text(row.text_view(10)));
  TRY(saga.compensation_steps, steps_from_text(row.text_view(11)));
  saga.error = row.text(12);
  return stored;
}

Result<Stored<ProductRow>> product_row(const Row& row) {
  auto stored = begin<ProductRow>(row);
  ProductRow& product = stored.row;
  product.product = row.text(4);
  product.name = row.text(5);
  product.merchant = row.id<UserId>(6);
  product.tracked = row.boolean(7);
  product.available = row.integer(8);
  product.held = row.integer(9);
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

}  // namespace edda::postgres

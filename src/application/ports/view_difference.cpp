#include "ports/view_difference.hpp"

#include <fmt/format.h>

#include <string_view>
#include <vector>

namespace edda {
namespace {

using Names = std::vector<std::string_view>;

template <class Field>
void compare(Names& names, std::string_view name, const Field& live, const Field& log) {
  if (!(live == log)) names.push_back(name);
}

void compare_fields(Names& names, const OrderRow& live, const OrderRow& log) {
  compare(names, "user", live.user, log.user);
  compare(names, "status", live.status, log.status);
  compare(names, "total", live.total, log.total);
  compare(names, "payment", live.payment, log.payment);
  compare(names, "saga", live.saga, log.saga);
  compare(names, "version", live.version, log.version);
}

void compare_fields(Names& names, const PaymentRow& live, const PaymentRow& log) {
  compare(names, "order", live.order, log.order);
  compare(names, "user", live.user, log.user);
  compare(names, "status", live.status, log.status);
  compare(names, "amount", live.amount, log.amount);
  compare(names, "refunded", live.refunded_minor, log.refunded_minor);
  compare(names, "external_transaction_id", live.external_transaction_id, log.external_transaction_id);
  compare(names, "failure_reason", live.failure_reason, log.failure_reason);
  compare(names, "version", live.version, log.version);
}

void compare_fields(Names& names, const SagaRow& live, const SagaRow& log) {
  compare(names, "order", live.order, log.order);
  compare(names, "user", live.user, log.user);
  compare(names, "definition", live.definition, log.definition);
  compare(names, "definition_version", live.definition_version, log.definition_version);
  compare(names, "status", live.status, log.status);
  compare(names, "current_step", live.current_step, log.current_step);
  compare(names, "completed_steps", live.completed_steps, log.completed_steps);
  compare(names, "compensation_steps", live.compensation_steps, log.compensation_steps);
  compare(names, "error", live.error, log.error);
  compare(names, "version", live.version, log.version);
}

void compare_fields(Names& names, const ProductRow& live, const ProductRow& log) {
  compare(names, "product", live.product, log.product);
  compare(names, "name", live.name, log.name);
  compare(names, "merchant", live.merchant, log.merchant);
  compare(names, "tracked", live.tracked, log.tracked);
  compare(names, "available", live.available, log.available);
  compare(names, "held", live.held, log.held);
  compare(names, "version", live.version, log.version);
}

template <class Row>
std::optional<std::string> describe(std::string_view view, const std::optional<Stored<Row>>& live,
                                    const std::optional<Stored<Row>>& log) {
  if (!live && !log) return std::nullopt;
  if (!live) return fmt::format("{} {}: is missing", view, to_string(log->row.id));
  if (!log) return fmt::format("{} {}: has no events", view, to_string(live->row.id));
  Names names;
  compare_fields(names, live->row, log->row);
  compare(names, "created_at", live->created_at, log->created_at);
  compare(names, "updated_at", live->updated_at, log->updated_at);
  if (names.empty()) return std::nullopt;
  return fmt::format("{} {}: {} differ", view, to_string(live->row.id), fmt::join(names, ", "));
}

}  // namespace

std::optional<std::string> difference(const std::optional<Stored<OrderRow>>& live,
                                      const std::optional<Stored<OrderRow>>& log) {
  return describe("order_view", live, log);
}
std::optional<std::string> difference(const std::optional<Stored<PaymentRow>>& live,
                                      const std::optional<Stored<PaymentRow>>& log) {
  return describe("payment_view", live, log);
}
std::optional<std::string> difference(const std::optional<Stored<SagaRow>>& live,
                                      const std::optional<Stored<SagaRow>>& log) {
  return describe("saga_view", live, log);
}
std::optional<std::string> difference(const std::optional<Stored<ProductRow>>& live,
                                      const std::optional<Stored<ProductRow>>& log) {
  return describe("product_view", live, log);
}

}  // namespace edda

#include <fmt/format.h>

#include <algorithm>

#include "ports/read_limits.hpp"
#include "postgres/list_query.hpp"
#include "postgres/view_queries.hpp"
#include "postgres/view_rows.hpp"

namespace edda::postgres {
namespace {

template <class Status>
std::vector<std::string> names_of(const std::vector<Status>& statuses) {
  std::vector<std::string> names;
  for (const Status status : statuses) names.emplace_back(to_string(status));
  return names;
}

/// What a list selects, and how its rows are read. `page_rows` is the column behind those.
template <class Record>
struct Shape {
  std::string_view columns;
  std::string_view join;
  std::string_view weight;
  int page_rows;
  Result<Record> (*read)(const Row&);
};

template <class Record>
Task<Result<ListPage<Record>>> page(Connection& connection, ListQuery list, Shape<Record> shape,
                                    const ListWindow& window, Deadline deadline) {
  ListPage<Record> answer;
  if (window.want_total) {
    CO_TRY(answer.total, co_await list.total(connection, deadline));
  }
  CO_TRY(const bool may_match, co_await list.may_match(connection, deadline));
  if (!may_match) co_return answer;
  CO_TRY(const Rows rows,
         co_await connection.read(list.page_sql(shape.columns, shape.join, shape.weight, window),
                                  list.page_parameters(window), deadline));
  if (rows.empty()) co_return answer;
  const std::size_t count = std::min({rows.size(), window.limit, list_rows_max});
  for (std::size_t i = 0; i < count; ++i) {
    CO_TRY(Record record, shape.read(rows[i]));
    answer.items.push_back(std::move(record));
  }
  answer.has_more = static_cast<std::size_t>(rows.front().integer(shape.page_rows)) > count;
  co_return answer;
}

// A payment or saga belongs to the user of its order; the user's orders are the index to it.
void where_user_through_orders(ListQuery& list, UserId user) {
  list.where("w.order_id IN (SELECT o.id FROM order_view o WHERE o.user_id = {})", user);
}

}  // namespace

Task<Result<ListPage<OrderRecord>>> list_orders(Connection& connection, const OrderFilter& filter,
                                                const ListWindow& window, Deadline deadline) {
  ListQuery list("order");
  list.where_status(names_of(filter.statuses));
  if (filter.user) list.where("w.user_id = {}", *filter.user);
  if (filter.created_after) list.where("w.created_at > {}", *filter.created_after);
  static const std::string columns = fmt::format("{}, {}", order_columns, order_details);
  const Shape<OrderRecord> shape{columns, order_join, "octet_length(e.data)", 13, order_record};
  return page(connection, std::move(list), shape, window, deadline);
}

Task<Result<ListPage<PaymentRecord>>> list_payments(Connection& connection, const PaymentFilter& filter,
                                                    const ListWindow& window, Deadline deadline) {
  ListQuery list("payment");
  list.where_status(names_of(filter.statuses));
  if (filter.order) list.where("w.order_id = {}", *filter.order);
  if (filter.user) where_user_through_orders(list, *filter.user);
  const Shape<PaymentRecord> shape{payment_columns, "", "octet_length(v.failure_reason)", 12, payment_row};
  return page(connection, std::move(list), shape, window, deadline);
}

Task<Result<ListPage<SagaRecord>>> list_sagas(Connection& connection, const SagaFilter& filter,
                                              const ListWindow& window, Deadline deadline) {
  ListQuery list("saga");
  list.where_status(names_of(filter.statuses));
  if (filter.order) list.where("w.order_id = {}", *filter.order);
  if (filter.user) where_user_through_orders(list, *filter.user);
  if (filter.definition) list.where("w.definition = {}", *filter.definition);
  if (filter.step) list.where("w.current_step = {}", *filter.step);
  if (filter.created_before) list.where("w.created_at < {}", *filter.created_before);
  if (filter.error_contains) list.where("strpos(w.error, {}) > 0", *filter.error_contains);
  const Shape<SagaRecord> shape{saga_columns, "", "octet_length(v.error)", 13, saga_row};
  return page(connection, std::move(list), shape, window, deadline);
}

Task<Result<ListPage<ProductRecord>>> list_products(Connection& connection, const ProductFilter& filter,
                                                    const ListWindow& window, Deadline deadline) {
  ListQuery list("product");
  list.uncounted();
  if (filter.merchant) list.where("w.merchant = {}", *filter.merchant);
  if (filter.tracked) list.where("w.tracked = {}", *filter.tracked);
  const Shape<ProductRecord> shape{product_columns, "", "octet_length(v.name)", 10, product_row};
  return page(connection, std::move(list), shape, window, deadline);
}

}  // namespace edda::postgres

#include <algorithm>
#include <array>

#include "ports/read_limits.hpp"
#include "sqlite/list_query.hpp"
#include "sqlite/view_queries.hpp"
#include "sqlite/view_rows.hpp"

namespace edda::sqlite {
namespace {

template <class Status>
std::vector<std::string> names_of(const std::vector<Status>& statuses) {
  std::vector<std::string> names;
  for (const Status status : statuses) names.emplace_back(to_string(status));
  return names;
}

// Whether a list by status may read a partial index that holds only `indexed` ones.
template <class Status, std::size_t N>
bool all_within(const std::vector<Status>& statuses, const std::array<Status, N>& indexed) {
  return !statuses.empty() && std::ranges::all_of(statuses, [&](Status status) {
    return std::ranges::find(indexed, status) != indexed.end();
  });
}

template <class Record>
Result<ListPage<Record>> page(Connection& connection, const ListQuery& list, std::string_view columns,
                              std::string_view join, const ListWindow& window, Result<Record> (*read)(const Row&)) {
  ListPage<Record> answer;
  if (window.want_total) {
    TRY(answer.total, list.total(connection));
  }
  TRY(const bool may_match, list.may_match(connection));
  if (!may_match) return answer;
  TRY(Statement * query, connection.statement(list.page_sql(columns, join, window)));
  list.bind_page(*query, window);
  Rows rows = query->query();
  const std::size_t limit = std::min(window.limit, list_rows_max);
  for (;;) {
    TRY(const bool found, rows.next());
    if (!found) return answer;
    if (answer.items.size() == limit) {
      answer.has_more = true;
      return answer;
    }
    TRY(Record record, read(rows));
    answer.items.push_back(std::move(record));
  }
}

// A payment or saga belongs to the user of its order; the user's orders are the index to it.
void where_user_through_orders(ListQuery& list, UserId user) {
  list.where("w.order_id IN (SELECT o.id FROM order_view o WHERE o.user = ?)", user.value);
}

}  // namespace

Result<ListPage<OrderRecord>> list_orders(Connection& connection, const OrderFilter& filter, const ListWindow& window) {
  constexpr std::array open{OrderStatus::pending, OrderStatus::cancelling};
  ListQuery list("order");
  list.where_status(names_of(filter.statuses));
  if (filter.user) {
    list.where("w.user = ?", filter.user->value);
    list.use_index("order_view_user");
  } else if (all_within(filter.statuses, open)) {
    list.require_status("'pending', 'cancelling'");
    list.use_index("order_view_open");
  }
  if (filter.created_after) list.where("w.created_at > ?", to_micros(*filter.created_after));
  static const std::string columns = std::string(order_columns) + ", " + std::string(order_details);
  return page(connection, list, columns, "JOIN events e ON e.stream = v.id AND e.version = 1", window, order_record);
}

Result<ListPage<PaymentRecord>> list_payments(Connection& connection, const PaymentFilter& filter,
                                              const ListWindow& window) {
  ListQuery list("payment");
  list.where_status(names_of(filter.statuses));
  if (filter.order) list.where("w.order_id = ?", filter.order->value);
  if (filter.user) where_user_through_orders(list, *filter.user);
  if (filter.order || filter.user) list.use_index("payment_view_order");
  return page(connection, list, payment_columns, "", window, payment_row);
}

Result<ListPage<SagaRecord>> list_sagas(Connection& connection, const SagaFilter& filter, const ListWindow& window) {
  constexpr std::array live{SagaStatus::started, SagaStatus::compensating, SagaStatus::parked, SagaStatus::paused};
  ListQuery list("saga");
  list.where_status(names_of(filter.statuses));
  if (filter.order) list.where("w.order_id = ?", filter.order->value);
  if (filter.user) where_user_through_orders(list, *filter.user);
  if (filter.order || filter.user) {
    list.use_index("saga_view_order");
  } else if (all_within(filter.statuses, live)) {
    list.require_status("'started', 'compensating', 'parked', 'paused'");
    list.use_index("saga_view_live");
  }
  if (filter.definition) list.where("w.definition = ?", *filter.definition);
  if (filter.step) list.where("w.current_step = ?", *filter.step);
  if (filter.created_before) list.where("w.created_at < ?", to_micros(*filter.created_before));
  if (filter.error_contains) list.where("instr(w.error, ?) > 0", *filter.error_contains);
  return page(connection, list, saga_columns, "", window, saga_row);
}

Result<ListPage<ProductRecord>> list_products(Connection& connection, const ProductFilter& filter,
                                              const ListWindow& window) {
  ListQuery list("product");
  list.where("true");  // products have no status by which they would be counted
  if (filter.merchant) {
    list.where("w.merchant = ?", filter.merchant->value);
    list.use_index("product_view_merchant");
  }
  if (filter.tracked) list.where(*filter.tracked ? "w.tracked = 1" : "w.tracked = 0");
  return page(connection, list, product_columns, "", window, product_row);
}

}  // namespace edda::sqlite

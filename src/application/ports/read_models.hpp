#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "order/item.hpp"
#include "ports/task.hpp"
#include "views/rows.hpp"

namespace edda {

/// An order's row with what was bought (from its first event) and what was refunded (from its payment's row).
struct OrderRecord : Stored<OrderRow> {
  std::vector<order::Item> items;
  std::string shipping_address;
  std::int64_t refunded_minor = 0;
};
using PaymentRecord = Stored<PaymentRow>;
using SagaRecord = Stored<SagaRow>;
using ProductRecord = Stored<ProductRow>;

/// Lists are ordered newest first by (created_at, id); this is the last row of the page before.
struct ListCursor {
  Timestamp created_at;
  Uuid id;
};

/// One page of a list: by cursor (/v1) or by offset (old routes).
struct ListWindow {
  std::optional<ListCursor> after;
  std::size_t offset = 0;
  std::size_t limit = 20;
  bool want_total = false;
};

struct OrderFilter {
  std::optional<UserId> user;
  std::vector<OrderStatus> statuses;  ///< empty: any
  std::optional<Timestamp> created_after;
};
struct PaymentFilter {
  std::optional<UserId> user;
  std::optional<OrderId> order;
  std::vector<PaymentStatus> statuses;
};
struct SagaFilter {
  std::optional<UserId> user;
  std::optional<OrderId> order;
  std::vector<SagaStatus> statuses;
  std::optional<std::string> definition;
  std::optional<std::string> step;            ///< current step
  std::optional<Timestamp> created_before;
  std::optional<std::string> error_contains;
};

struct ProductFilter {
  std::optional<UserId> merchant;
  std::optional<bool> tracked;
};

template <class Record>
struct ListPage {
  std::vector<Record> items;
  bool has_more = false;
  std::int64_t total = 0;  ///< only when asked for
};

/// How many there are, kept with every append: by status, and events by type.
struct Totals {
  std::map<OrderStatus, std::int64_t> orders;
  std::map<PaymentStatus, std::int64_t> payments;
  std::map<SagaStatus, std::int64_t> sagas;
  std::map<std::string, std::int64_t> events;
};

/// Queries over the views. They are written with the events, so a list is never older than the request that reads it.
/// Thread-safety: callable from any thread. Errors: unavailable, corrupt.
class ReadModels {
 public:
  virtual ~ReadModels() = default;

  virtual Task<Result<std::optional<OrderRecord>>> find_order(OrderId id, Deadline deadline) = 0;
  virtual Task<Result<std::optional<PaymentRecord>>> find_payment(PaymentId id, Deadline deadline) = 0;
  virtual Task<Result<std::optional<SagaRecord>>> find_saga(SagaId id, Deadline deadline) = 0;
  virtual Task<Result<std::optional<ProductRecord>>> find_product(ProductId id, Deadline deadline) = 0;

  virtual Task<Result<ListPage<OrderRecord>>> list_orders(OrderFilter filter, ListWindow window, Deadline deadline) = 0;
  virtual Task<Result<ListPage<PaymentRecord>>> list_payments(PaymentFilter filter, ListWindow window,
                                                              Deadline deadline) = 0;
  virtual Task<Result<ListPage<SagaRecord>>> list_sagas(SagaFilter filter, ListWindow window, Deadline deadline) = 0;
  virtual Task<Result<ListPage<ProductRecord>>> list_products(ProductFilter filter, ListWindow window,
                                                              Deadline deadline) = 0;

  virtual Task<Result<Totals>> totals(Deadline deadline) = 0;
};

}  // namespace edda

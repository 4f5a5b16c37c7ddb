#pragma once

#include "ports/read_models.hpp"
#include "postgres/pool.hpp"

namespace edda::postgres {

/// The views in PostgreSQL, read as of what is committed.
/// Thread-safety: callable from any thread. Lifetime: the pool outlives it.
class PostgresReadModels final : public ReadModels {
 public:
  explicit PostgresReadModels(Pool& pool) : pool_(pool) {}

  Task<Result<std::optional<OrderRecord>>> find_order(OrderId id, Deadline deadline) override;
  Task<Result<std::optional<PaymentRecord>>> find_payment(PaymentId id, Deadline deadline) override;
  Task<Result<std::optional<SagaRecord>>> find_saga(SagaId id, Deadline deadline) override;
  Task<Result<std::optional<ProductRecord>>> find_product(ProductId id, Deadline deadline) override;

  Task<Result<ListPage<OrderRecord>>> list_orders(OrderFilter filter, ListWindow window, Deadline deadline) override;
  Task<Result<ListPage<PaymentRecord>>> list_payments(PaymentFilter filter, ListWindow window,
                                                      Deadline deadline) override;
  Task<Result<ListPage<SagaRecord>>> list_sagas(SagaFilter filter, ListWindow window, Deadline deadline) override;
  Task<Result<ListPage<ProductRecord>>> list_products(ProductFilter filter, ListWindow window,
                                                      Deadline deadline) override;

  Task<Result<Totals>> totals(Deadline deadline) override;

 private:
  Pool& pool_;
};

}  // namespace edda::postgres

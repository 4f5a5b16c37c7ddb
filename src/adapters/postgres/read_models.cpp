#include "postgres/read_models.hpp"

#include "postgres/view_queries.hpp"

namespace edda::postgres {

Task<Result<std::optional<OrderRecord>>> PostgresReadModels::find_order(OrderId id, Deadline deadline) {
  co_return co_await pool_.with([=](Connection& c) { return postgres::find_order(c, id, deadline); }, deadline);
}

Task<Result<std::optional<PaymentRecord>>> PostgresReadModels::find_payment(PaymentId id, Deadline deadline) {
  co_return co_await pool_.with([=](Connection& c) { return postgres::find_payment(c, id, deadline); }, deadline);
}

Task<Result<std::optional<SagaRecord>>> PostgresReadModels::find_saga(SagaId id, Deadline deadline) {
  co_return co_await pool_.with([=](Connection& c) { return postgres::find_saga(c, id, deadline); }, deadline);
}

Task<Result<std::optional<ProductRecord>>> PostgresReadModels::find_product(ProductId id, Deadline deadline) {
  co_return co_await pool_.with([=](Connection& c) { return postgres::find_product(c, id, deadline); }, deadline);
}

Task<Result<ListPage<OrderRecord>>> PostgresReadModels::list_orders(OrderFilter filter, ListWindow window,
                                                                    Deadline deadline) {
  co_return co_await pool_.with([=](Connection& c) { return postgres::list_orders(c, filter, window, deadline); },
                                deadline);
}

Task<Result<ListPage<PaymentRecord>>> PostgresReadModels::list_payments(PaymentFilter filter, ListWindow window,
                                                                        Deadline deadline) {
  co_return co_await pool_.with([=](Connection& c) { return postgres::list_payments(c, filter, window, deadline); },
                                deadline);
}

Task<Result<ListPage<SagaRecord>>> PostgresReadModels::list_sagas(SagaFilter filter, ListWindow window,
                                                                  Deadline deadline) {
  co_return co_await pool_.with([=](Connection& c) { return postgres::list_sagas(c, filter, window, deadline); },
                                deadline);
}

Task<Result<ListPage<ProductRecord>>> PostgresReadModels::list_products(ProductFilter filter, ListWindow window,
                                                                        Deadline deadline) {
  co_return co_await pool_.with([=](Connection& c) { return postgres::list_products(c, filter, window, deadline); },
                                deadline);
}

Task<Result<Totals>> PostgresReadModels::totals(Deadline deadline) {
  co_return co_await pool_.with([=](Connection& c) { return postgres::totals(c, deadline); }, deadline);
}

}  // namespace edda::postgres

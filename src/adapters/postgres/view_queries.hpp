#pragma once

#include <optional>

#include "ports/read_models.hpp"
#include "postgres/connection.hpp"

namespace edda::postgres {

// Reading the views on one connection; see ReadModels for what each answers.

Task<Result<std::optional<OrderRecord>>> find_order(Connection& connection, OrderId id, Deadline deadline);
Task<Result<std::optional<PaymentRecord>>> find_payment(Connection& connection, PaymentId id, Deadline deadline);
Task<Result<std::optional<SagaRecord>>> find_saga(Connection& connection, SagaId id, Deadline deadline);
Task<Result<std::optional<ProductRecord>>> find_product(Connection& connection, ProductId id, Deadline deadline);
Task<Result<Totals>> totals(Connection& connection, Deadline deadline);

// Lifetime: filter and window stay until the answer.

Task<Result<ListPage<OrderRecord>>> list_orders(Connection& connection, const OrderFilter& filter,
                                                const ListWindow& window, Deadline deadline);
Task<Result<ListPage<PaymentRecord>>> list_payments(Connection& connection, const PaymentFilter& filter,
                                                    const ListWindow& window, Deadline deadline);
Task<Result<ListPage<SagaRecord>>> list_sagas(Connection& connection, const SagaFilter& filter,
                                              const ListWindow& window, Deadline deadline);
Task<Result<ListPage<ProductRecord>>> list_products(Connection& connection, const ProductFilter& filter,
                                                    const ListWindow& window, Deadline deadline);

}  // namespace edda::postgres

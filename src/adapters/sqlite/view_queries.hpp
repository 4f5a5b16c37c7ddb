#pragma once

#include <optional>

#include "ports/read_models.hpp"
#include "sqlite/connection.hpp"

namespace edda::sqlite {

// Reading the views; see ReadModels for what each answers.

Result<std::optional<OrderRecord>> find_order(Connection& connection, OrderId id);
Result<std::optional<PaymentRecord>> find_payment(Connection& connection, PaymentId id);
Result<std::optional<SagaRecord>> find_saga(Connection& connection, SagaId id);
Result<std::optional<ProductRecord>> find_product(Connection& connection, ProductId id);
Result<Totals> totals(Connection& connection);

Result<ListPage<OrderRecord>> list_orders(Connection& connection, const OrderFilter& filter, const ListWindow& window);
Result<ListPage<PaymentRecord>> list_payments(Connection& connection, const PaymentFilter& filter,
                                              const ListWindow& window);
Result<ListPage<SagaRecord>> list_sagas(Connection& connection, const SagaFilter& filter, const ListWindow& window);
Result<ListPage<ProductRecord>> list_products(Connection& connection, const ProductFilter& filter,
                                              const ListWindow& window);

}  // namespace edda::sqlite

#pragma once

#include <optional>
#include <string>

#include "views/rows.hpp"

namespace edda {

// One line about how a row of a read model differs from what its stream's events say ("order_view <id>: status, version
// differ",
// "... is missing", "... has no events"); nullopt when they agree. One of the two may be absent. Pure.

std::optional<std::string> difference(const std::optional<Stored<OrderRow>>& live,
                                      const std::optional<Stored<OrderRow>>& log);
std::optional<std::string> difference(const std::optional<Stored<PaymentRow>>& live,
                                      const std::optional<Stored<PaymentRow>>& log);
std::optional<std::string> difference(const std::optional<Stored<SagaRow>>& live,
                                      const std::optional<Stored<SagaRow>>& log);
std::optional<std::string> difference(const std::optional<Stored<ProductRow>>& live,
                                      const std::optional<Stored<ProductRow>>& log);

}  // namespace edda

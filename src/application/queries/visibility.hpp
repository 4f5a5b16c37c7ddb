#pragma once

#include <optional>

#include "accounts/principal.hpp"
#include "base/ids.hpp"

namespace edda::queries {

/// Whose orders, with their payments, sagas and events, a caller may read: everybody's (operator, admin), or the
/// caller's own. A merchant will also read the orders of the merchant's products, once there are products.
struct Visibility {
  std::optional<UserId> only;  ///< not set: everybody's

  bool allows(UserId owner) const { return !only || *only == owner; }
};
Visibility visible_to(const Principal& caller);

/// True for the owner of an order and for an admin: who may change it.
bool may_change(const Principal& caller, UserId owner);

}  // namespace edda::queries

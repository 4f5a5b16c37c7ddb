#pragma once

#include <string_view>

#include "base/ids.hpp"

namespace edda {

/// The name-based uuid of RFC 9562 section 5.5 (SHA-1): one name in one name space gives one uuid, everywhere and for ever.
/// Pure. Never equal to a version 7 uuid, so it cannot meet the id of an order, a payment or a saga.
Uuid uuid_v5(const Uuid& name_space, std::string_view name);

}  // namespace edda

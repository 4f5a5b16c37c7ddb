#pragma once

#include "ports/store_check.hpp"
#include "sqlite/connection.hpp"

namespace edda::sqlite {

/// See StoreCheck::check_log; reads everything once, within the connection's snapshot.
Result<StoreFindings> check_log(Connection& connection);

}  // namespace edda::sqlite

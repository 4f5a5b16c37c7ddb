#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "ports/task.hpp"

namespace edda::postgres {

/// libpq's form of an address in which the names of hosts have been looked up, because libpq blocks its thread while it asks. What cannot
/// be looked up is left as it is. Runs on the caller's executor.
/// Errors: invalid_argument (reason "database_address"), when it is no address; libpq would repeat parts of it, the password perhaps.
Task<Result<std::string>> with_addresses(std::string address);

/// One part of an address, quoted as libpq wants it: key='value'.
std::string quoted(std::string_view key, std::string_view value);

}  // namespace edda::postgres

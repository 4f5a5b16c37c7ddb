#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "cli/api.hpp"

namespace edda::cli {

/// Starts the server's task (POST /v1/admin/NAME), waits for its end, and returns its result.
/// Errors: those of the API; cancelled when a person interrupts (the server goes on with it); internal when the task failed.
Result<boost::json::value> run_task(const Api& api, std::string_view name);

}  // namespace edda::cli

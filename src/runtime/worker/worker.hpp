#pragma once

#include <string>
#include <vector>

namespace edda::worker {

/// `edda worker ARGUMENTS`: performs steps until SIGINT or SIGTERM; what it has taken by then is answered. The process's exit code.
int run_worker(const std::vector<std::string>& arguments);

}  // namespace edda::worker

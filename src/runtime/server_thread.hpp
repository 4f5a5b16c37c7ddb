#pragma once

#include <memory>

#include "cli/hooks.hpp"

namespace edda::runtime {

/// Runs a wired application on a thread of its own, for the commands.
/// Errors: what kept it from starting.
Result<std::unique_ptr<cli::RunningServer>> start_server(const config::Loaded& loaded, bool serve,
                                                         const std::function<bool()>& stop_wanted);

}  // namespace edda::runtime

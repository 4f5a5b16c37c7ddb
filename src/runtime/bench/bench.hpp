#pragma once

#include <string>
#include <vector>

namespace edda::bench {

/// `edda bench ARGUMENTS`: loads a server, or measures one machine by `--suite one-machine`. Returns the process's exit code:
/// 0 done, 1 failed, 2 a mistake in the arguments.
int run_bench(const std::vector<std::string>& arguments);

}  // namespace edda::bench

#pragma once

#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "bench/options.hpp"

namespace edda::bench {

/// Measures Edda on this machine and the machine's own limits in one run, in turns, so that a noisy neighbour meets both: the same
/// rows written by a bare loop, one bare commit, a route that does nothing. Says on stderr what it is doing.
/// Errors: unavailable.
Result<boost::json::object> run_one_machine(const Options& options);

}  // namespace edda::bench

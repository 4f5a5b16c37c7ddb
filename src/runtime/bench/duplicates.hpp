#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/accounts.hpp"
#include "bench/histogram.hpp"

namespace edda::bench {

struct DuplicatesResult {
  std::size_t rounds = 0;
  std::size_t right = 0;     ///< rounds in which exactly one order was accepted and all others were refused with 409
  Histogram winners;         ///< microseconds
  Histogram losers;          ///< microseconds
  Histogram lock;            ///< microseconds to take and give back a free lock, by the node's own clock, which tells whole milliseconds
  Histogram lock_requests;   ///< microseconds of the request that did so, from here
};

/// Orders of one product by one customer at the same instant, `concurrent` of them, at the nodes in turns; after each round one lock is
/// taken and given back. Errors: unavailable.
Result<DuplicatesResult> run_duplicates(const std::vector<Target>& nodes, const std::string& token, std::size_t rounds, std::size_t concurrent);

}  // namespace edda::bench

#pragma once

#include <cstdint>
#include <string>

#include "cluster/plan.hpp"

namespace edda::sim {

/// Many seeds, one after the other.
struct CampaignOptions {
  RunOptions run;
  std::uint64_t seeds = 1'000;
  std::uint64_t start = 1;
  std::uint64_t seconds = 0;  ///< of real time; 0: all seeds
  bool trace = false;
  std::size_t trace_lines = 200;
  bool json = false;
  std::string bug;            ///< the planted one; empty: none
  std::string commit;
};

/// Runs the seeds until one breaks a promise; one in a hundred runs twice and must do the same. Says on stderr how it goes and what was seen. A
/// failure is shrunk and told on stdout: seed, commit, invariant, trace, and the command that replays it. 0: nothing broke and everything that
/// must happen sometimes did; 1: something broke, or something never happened over a long run.
int run_campaign(const CampaignOptions& options);

}  // namespace edda::sim

#pragma once

#include <netinet/in.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "bench/histogram.hpp"

namespace edda::bench {

/// What is asked of the server, how often, for how long.
struct LoadPlan {
  sockaddr_in address{};
  std::vector<std::string> tokens;      ///< of the accounts that share the load
  std::string route;                    ///< empty: orders are placed; else this is fetched
  bool with_token = true;               ///< of fetches
  std::string product = "BOOK-1";       ///< of which orders are placed
  std::size_t connections = 64;
  std::optional<double> rate;           ///< requests per second whatever the answers do (open model); none: each waits for its answer
  std::chrono::milliseconds warm_up{1'000};
  std::chrono::milliseconds duration{5'000};
  std::uint64_t orders_max = 0;         ///< stop after this many orders were taken; 0: no such end
  std::size_t follow_every = 0;         ///< each n-th order is followed until it is seen completed; 0: none
  std::chrono::microseconds look_every{1'000};  ///< a followed order is asked for this often
  bool one_saga_at_a_time = false;      ///< a connection places its next order after the last one's end is seen (follow_every is 1)
  std::function<void()> between;        ///< after each such end, with nothing under way
};

struct LoadResult {
  double seconds = 0;                ///< of the window that was measured, after the warm-up
  std::uint64_t good = 0;            ///< 2xx answers in it
  std::uint64_t accepted = 0;        ///< 2xx answers in all, warm-up included
  std::map<std::string, std::uint64_t> errors;  ///< by kind: "status 503", "connection", "late"
  Histogram latency;                 ///< microseconds from the time a request was due to its answer
  std::optional<double> sagas_ended_per_second;  ///< by the server's own count; none if it would not say
  Histogram place_to_completed;      ///< microseconds from the time an order was due until it was seen completed
  std::uint64_t lost_sight = 0;      ///< followed orders that were not seen to end in time

  double good_per_second() const { return seconds > 0 ? static_cast<double>(good) / seconds : 0; }
};

/// Runs the plan on the calling thread: one epoll loop, keep-alive connections, prebuilt requests with a random idempotency key each.
/// Ends within warm-up, duration and a few seconds.
/// Errors: unavailable (the server cannot be reached).
Result<LoadResult> run_load(const LoadPlan& plan);

}  // namespace edda::bench

#include "owner/log_poll.hpp"

#include <algorithm>

namespace edda::owner {
namespace {

constexpr std::chrono::milliseconds when_watching{100};
constexpr std::chrono::milliseconds look_deadline{1'000};

}  // namespace

void LogPoll::start() { run_if_wanted(); }

void LogPoll::watch(std::chrono::milliseconds lasting) {
  until_ = std::max(until_, clock_.steady_now() + lasting);
  run_if_wanted();
}

void LogPoll::run_if_wanted() {
  if (running_ || !wanted()) return;
  running_ = true;
  if (!tasks_.spawn(run())) running_ = false;
}

Task<void> LogPoll::run() {
  while (wanted() && !tasks_.closed()) {
    co_await clock_.sleep_until(clock_.steady_now() + (every_.count() > 0 ? every_ : when_watching));
    const auto ends = co_await store_.last_positions(clock_.deadline_in(look_deadline));
    if (ends && !tasks_.closed()) listener_(*ends);
  }
  running_ = false;
}

}  // namespace edda::owner

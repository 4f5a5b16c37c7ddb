#include "owner/case_loads.hpp"

#include <utility>

namespace edda::owner {
namespace {

constexpr milliseconds load_deadline{5'000};
constexpr milliseconds load_pause{100};

bool trying_again_may_help(Errc code) { return is_retryable(code) || code == Errc::cancelled; }

}  // namespace

void CaseLoads::add(const Load& load) {
  queue_.push_back(load);
  if (workers_ >= at_once_) return;
  ++workers_;
  if (!tasks_.spawn(work())) --workers_;
}

Task<void> CaseLoads::work() {
  while (!queue_.empty() && !tasks_.closed()) {
    if (listener_.too_busy()) {
      co_await clock_.sleep_until(clock_.steady_now() + load_pause);
      continue;
    }
    const Load next = queue_.front();
    queue_.pop_front();
    if (const auto reading = reading_.find(next.order); reading != reading_.end()) {
      reading->second.changed = true;
      // What is being read for an earlier ownership of the shard will be of no use: it must not stand for this one.
      if (!next.first && reading->second.epoch == next.epoch) continue;
      queue_.push_back(next);
      co_await clock_.sleep_until(clock_.steady_now() + load_pause);
      continue;
    }
    co_await load_one(next);
  }
  --workers_;
}

Task<void> CaseLoads::load_one(Load load) {
  for (;;) {
    if (!listener_.wanted(load)) break;
    reading_[load.order] = {load.epoch};
    const auto loaded =
        co_await lanes::load_case(store_, load.order, clock_.deadline_in(load_deadline), listener_.log_end(load));
    if (tasks_.closed() || !listener_.wanted(load)) break;
    if (loaded && reading_[load.order].changed) continue;
    if (!loaded && trying_again_may_help(loaded.error().code)) {
      co_await clock_.sleep_until(clock_.steady_now() + load_pause);
      continue;
    }
    reading_.erase(load.order);
    if (loaded) listener_.loaded(load, loaded->state);
    else listener_.failed(load, loaded.error());
    co_return;
  }
  reading_.erase(load.order);
}

}  // namespace edda::owner

#include "owner/wake_ups.hpp"

namespace edda::owner {

void WakeUps::add(SteadyTime due, const Key& key) {
  due_.emplace(due, key);
  arm();
}

void WakeUps::arm() {
  if (due_.empty() || tasks_.closed()) return;
  const SteadyTime earliest = due_.begin()->first;
  if (!armed_.empty() && *armed_.begin() <= earliest) return;
  armed_.insert(earliest);
  tasks_.spawn(sleep(earliest));
}

Task<void> WakeUps::sleep(SteadyTime until) {
  co_await clock_.sleep_until(until);
  armed_.erase(until);
  if (tasks_.closed()) co_return;
  // What becomes due while these are called waits for a coroutine of its own: a caller that adds "now" again cannot keep this one busy.
  const SteadyTime now = clock_.steady_now();
  std::vector<Key> called;
  while (!due_.empty() && due_.begin()->first <= now) {
    called.push_back(due_.begin()->second);
    due_.erase(due_.begin());
  }
  for (const Key& key : called) on_due_(key);
  arm();
}

}  // namespace edda::owner

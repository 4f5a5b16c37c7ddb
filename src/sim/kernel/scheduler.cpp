#include "kernel/scheduler.hpp"

#include <algorithm>
#include <functional>

#include "base/assert.hpp"

namespace edda::sim {
namespace {

// What a function takes on a slowed node, beyond its usual nothing.
constexpr std::chrono::microseconds slow_function{200};

}  // namespace

Scheduler::Scheduler(Draws& draws, Trace& trace) : draws_(draws), trace_(trace) { make_actor("world"); }

Actor& Scheduler::make_actor(std::string name) {
  return actors_.emplace_back(*this, std::move(name), static_cast<std::uint32_t>(actors_.size()));
}

Timer Scheduler::after(Actor& actor, Duration delay, std::string_view kind, Action action) {
  return at(actor, now_ + std::max(delay, Duration(0)), kind, std::move(action));
}

Timer Scheduler::at(Actor& actor, SteadyTime time, std::string_view kind, Action action) {
  std::uint32_t index;
  if (free_slots_.empty()) {
    index = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    index = free_slots_.back();
    free_slots_.pop_back();
  }
  Slot& slot = slots_[index];
  slot.actor = &actor;
  slot.kind = kind;
  slot.action = std::move(action);
  slot.used = true;
  const Timer timer{index, slot.generation};
  // Whole microseconds and four ways at one instant: enough for ties to be met and broken in every order.
  heap_.push_back({std::max(time, now_), draws_.below(Stream::scheduling, 4), ++sequence_, timer});
  std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  return timer;
}

void Scheduler::free_slot(std::uint32_t index) {
  Slot& slot = slots_[index];
  slot.used = false;
  slot.action = nullptr;
  ++slot.generation;
  free_slots_.push_back(index);
}

bool Scheduler::cancel(Timer timer) {
  if (timer.generation == 0 || timer.slot >= slots_.size()) return false;
  Slot& slot = slots_[timer.slot];
  if (!slot.used || slot.generation != timer.generation) return false;
  // Its entry in the heap is passed over when its time comes.
  free_slot(timer.slot);
  return true;
}

void Scheduler::ready(Actor& actor, Action action) {
  if (actor.slowness_ > 1 && !actor.cut_) {
    after(actor, slow_function * actor.slowness_, "slow", std::move(action));
    return;
  }
  ready_.push_back({&actor, std::move(action)});
}

void Scheduler::pause(Actor& actor) { actor.paused_ = true; }

void Scheduler::resume(Actor& actor) {
  actor.paused_ = false;
  auto deferred = std::exchange(actor.deferred_, {});
  for (auto& action : deferred) ready_.push_back({&actor, std::move(action)});
}

void Scheduler::run(Actor& actor, Action action) {
  if (actor.paused_) {
    actor.deferred_.push_back(std::move(action));
    return;
  }
  ++executed_;
  running_ = &actor;
  action();
  running_ = nullptr;
}

void Scheduler::run_ready() {
  while (!ready_.empty() && !stopped_) {
    Ready next = std::move(ready_.front());
    ready_.pop_front();
    trace_.count(now_, *next.actor, "run");
    run(*next.actor, std::move(next.action));
  }
}

void Scheduler::run_one_timed() {
  std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
  const Entry entry = heap_.back();
  heap_.pop_back();
  Slot& slot = slots_[entry.timer.slot];
  if (!slot.used || slot.generation != entry.timer.generation) return;
  now_ = entry.time;
  Actor& actor = *slot.actor;
  trace_.count(now_, actor, slot.kind);
  Action action = std::move(slot.action);
  free_slot(entry.timer.slot);
  run(actor, std::move(action));
}

bool Scheduler::run_until(SteadyTime until) {
  while (!stopped_) {
    run_ready();
    if (stopped_ || heap_.empty()) return false;
    if (heap_.front().time > until) {
      now_ = std::max(now_, until);
      return true;
    }
    run_one_timed();
  }
  return false;
}

void Actor::cut() {
  cut_ = true;
  paused_ = false;
  slowness_ = 1;
  scheduler_.resume(*this);
  // Ending a wait takes it from the list.
  while (!waits_.empty()) {
    auto end = std::move(waits_.front());
    waits_.pop_front();
    end();
  }
}

}  // namespace edda::sim

#include "owner/circuit_breaker.hpp"

#include <algorithm>

namespace edda::owner {

CircuitBreaker::Pass CircuitBreaker::ask(SteadyTime now) {
  if (state_ == State::closed) return Pass::send;
  if (state_ == State::open && now >= probe_at_) state_ = State::half_open;
  if (state_ == State::open || probing_) return Pass::wait;
  probing_ = true;
  return Pass::probe;
}

void CircuitBreaker::answered(bool healthy, bool probe, SteadyTime now) {
  if (probe) {
    probing_ = false;
    if (state_ == State::half_open) healthy ? close() : open(now);
    return;
  }
  // What was sent before it opened says nothing new.
  if (state_ != State::closed || settings_.failures == 0) return;
  note(healthy);
  in_a_row_ = healthy ? 0 : in_a_row_ + 1;
  const bool too_many = settings_.window > 0 && static_cast<double>(bad_) >= settings_.rate * static_cast<double>(settings_.window);
  if (in_a_row_ >= settings_.failures || (!healthy && too_many)) open(now);
}

void CircuitBreaker::not_sent(bool probe) {
  if (probe) probing_ = false;
}

void CircuitBreaker::note(bool healthy) {
  if (recent_.empty()) return;
  if (!recent_[next_]) --bad_;
  if (!healthy) ++bad_;
  recent_[next_] = healthy;
  next_ = (next_ + 1) % recent_.size();
}

void CircuitBreaker::open(SteadyTime now) {
  if (state_ == State::closed) ++opened_total_;
  pause_ = pause_.count() == 0 ? settings_.pause : std::min(pause_ * 2, settings_.pause_max);
  state_ = State::open;
  probe_at_ = now + pause_;
}

void CircuitBreaker::close() {
  state_ = State::closed;
  pause_ = std::chrono::milliseconds(0);
  in_a_row_ = 0;
  std::fill(recent_.begin(), recent_.end(), true);
  bad_ = 0;
}

}  // namespace edda::owner

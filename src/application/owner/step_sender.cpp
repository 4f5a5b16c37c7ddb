#include "owner/step_sender.hpp"

#include <utility>

#include "base/failpoint.hpp"

namespace edda::owner {
namespace {

/// The steps that go to the payment gateway: the one that can be away while this node is well.
bool goes_to_gateway(const Send& send) {
  return send.request.action == saga::Action::charge_payment || send.request.action == saga::Action::refund_payment;
}

}  // namespace

void StepSender::send(Send send) {
  if (in_flight_ >= in_flight_max_) {
    waiting_.push_back(std::move(send));
    return;
  }
  if (goes_to_gateway(send)) {
    const auto pass = breaker_.ask(clock_.steady_now());
    if (pass == CircuitBreaker::Pass::wait) {
      held_.push_back(std::move(send));
      if (held_.size() == 1 && breaker_.state() == CircuitBreaker::State::open) listener_.pump_at(breaker_.probe_at());
      return;
    }
    send.probe = pass == CircuitBreaker::Pass::probe;
  }
  start(std::move(send));
}

void StepSender::start(Send send) {
  ++in_flight_;
  ++counted_.sends;
  const bool probe = send.probe;
  if (tasks_.spawn(perform(std::move(send)))) return;
  --in_flight_;
  breaker_.not_sent(probe);
}

Task<void> StepSender::perform(Send send) {
  const StepRequest& request = send.request;
  Answer answer{{request.saga, request.step, request.direction, request.attempt, {}, {}, {}, send.resent},
                request.order,
                send.cause,
                send.shard,
                send.epoch};
  const bool at_gateway = goes_to_gateway(send);
  EDDA_FAILPOINT("step.before_send", request.key);
  GatewayAnswer answered = co_await steps_.perform(std::move(send.request), clock_.deadline_in(send.timeout));
  answer.step.outcome = answered.outcome;
  answer.step.reason = std::move(answered.reason);
  answer.step.reference = std::move(answered.reference);
  ++counted_.answers[static_cast<std::size_t>(answered.outcome)];
  --in_flight_;
  if (at_gateway) {
    const bool healthy = answered.outcome == saga::Outcome::succeeded || answered.outcome == saga::Outcome::declined;
    breaker_.answered(healthy, send.probe, clock_.steady_now());
  }
  if (!waiting_.empty() || !held_.empty()) pump();
  EDDA_FAILPOINT("step.answered", answer.step.step, to_string(answer.step.direction));
  co_await listener_.answered(std::move(answer));
}

void StepSender::pump() {
  if (tasks_.closed()) return;
  pump_held();
  while (!waiting_.empty() && in_flight_ < in_flight_max_) {
    Send next = std::move(waiting_.front());
    waiting_.pop_front();
    if (listener_.wanted(next)) send(std::move(next));
  }
}

void StepSender::pump_held() {
  while (!held_.empty() && in_flight_ < in_flight_max_) {
    if (!listener_.wanted(held_.front())) {
      held_.pop_front();
      continue;
    }
    const auto pass = breaker_.ask(clock_.steady_now());
    if (pass == CircuitBreaker::Pass::wait) break;
    Send next = std::move(held_.front());
    held_.pop_front();
    next.probe = pass == CircuitBreaker::Pass::probe;
    start(std::move(next));
  }
  if (!held_.empty() && breaker_.state() == CircuitBreaker::State::open) listener_.pump_at(breaker_.probe_at());
}

void StepSender::clear() {
  waiting_.clear();
  held_.clear();
}

SenderStats StepSender::stats() const {
  SenderStats stats = counted_;
  stats.in_flight = in_flight_;
  stats.waiting = waiting_.size() + held_.size();
  stats.breaker = breaker_.state();
  stats.breaker_opened = breaker_.opened_total();
  return stats;
}

}  // namespace edda::owner

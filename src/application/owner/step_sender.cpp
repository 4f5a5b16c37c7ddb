#include "owner/step_sender.hpp"

#include <utility>

#include "base/failpoint.hpp"

namespace edda::owner {
namespace {

// An executor that keeps its word answers by the deadline, with a reason of its own.
constexpr milliseconds patience{1'000};

/// The steps that go to the payment gateway: the one that can be away while this node is well.
bool goes_to_gateway(const Send& send) {
  return send.request.action == saga::Action::charge_payment || send.request.action == saga::Action::refund_payment;
}

}  // namespace

StepSender::StepSender(TaskGroup& tasks, StepExecutor& steps, Clock& clock, Listener& listener, std::size_t in_flight_max,
                       BreakerSettings breaker, StepMeter seconds)
    : tasks_(tasks),
      steps_(steps),
      clock_(clock),
      listener_(listener),
      in_flight_max_(in_flight_max),
      breaker_(breaker),
      seconds_(seconds),
      overdue_(tasks, clock, [this](std::uint64_t number) { on_overdue(number); }) {}

void StepSender::send(Send send) {
  if (in_flight() >= in_flight_max_) {
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
  const std::uint64_t number = ++counted_.sends;
  const Deadline deadline = clock_.deadline_in(send.timeout);
  const StepRequest& request = send.request;
  Answer answer{{request.saga, request.step, request.direction, request.attempt, {}, {}, {}, send.resent},
                request.order, send.cause, send.shard, send.epoch, request.trace};
  const SteadyTime overdue_at = deadline.at + patience;
  under_way_.emplace(number, UnderWay{std::move(answer), clock_.steady_now(), overdue_at, goes_to_gateway(send), send.probe});
  overdue_.add(overdue_at, number);
  if (tasks_.spawn(perform(number, std::move(send.request), deadline))) return;
  overdue_.remove(overdue_at, number);
  under_way_.erase(number);
  breaker_.not_sent(send.probe);
}

Task<void> StepSender::perform(std::uint64_t number, StepRequest request, Deadline deadline) {
  EDDA_FAILPOINT("step.before_send", request.key);
  GatewayAnswer answered = co_await steps_.perform(std::move(request), deadline);
  UnderWay send = std::move(under_way_.extract(number).mapped());
  if (!send.given_up) {
    overdue_.remove(send.overdue_at, number);
    co_return co_await end(std::move(send), std::move(answered));
  }
  --silent_;
  // In its log this attempt is unknown: only what is final is news.
  if (!is_final(answered)) co_return;
  send.answer.step.resent = true;
  co_await tell(std::move(send.answer), std::move(answered));
}

void StepSender::on_overdue(std::uint64_t number) {
  UnderWay& send = under_way_.at(number);
  send.given_up = true;
  ++silent_;
  tasks_.spawn(end(send, {saga::Outcome::unknown, {}, "no answer within its time"}));
}

Task<void> StepSender::end(UnderWay send, GatewayAnswer answered) {
  ++counted_.answers[static_cast<std::size_t>(answered.outcome)];
  if (seconds_ != nullptr)
    seconds_->with({send.answer.step.step, to_string(send.answer.step.direction)})
        .observe(std::chrono::duration<double>(clock_.steady_now() - send.sent_at).count());
  if (send.at_gateway) breaker_.answered(is_final(answered), send.probe, clock_.steady_now());
  if (!waiting_.empty() || !held_.empty()) pump();
  return tell(std::move(send.answer), std::move(answered));
}

Task<void> StepSender::tell(Answer answer, GatewayAnswer answered) {
  answer.step.outcome = answered.outcome;
  answer.step.reason = std::move(answered.reason);
  answer.step.reference = std::move(answered.reference);
  EDDA_FAILPOINT("step.answered", answer.step.step, to_string(answer.step.direction));
  return listener_.answered(std::move(answer));
}

void StepSender::pump() {
  if (tasks_.closed()) return;
  pump_held();
  while (!waiting_.empty() && in_flight() < in_flight_max_) {
    Send next = std::move(waiting_.front());
    waiting_.pop_front();
    if (listener_.wanted(next)) send(std::move(next));
  }
}

void StepSender::pump_held() {
  while (!held_.empty() && in_flight() < in_flight_max_) {
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
  stats.in_flight = in_flight();
  stats.silent = silent_;
  stats.waiting = waiting_.size() + held_.size();
  stats.breaker = breaker_.state();
  stats.breaker_opened = breaker_.opened_total();
  return stats;
}

}  // namespace edda::owner

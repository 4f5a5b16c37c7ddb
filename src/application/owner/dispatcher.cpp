#include "owner/dispatcher.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "lanes/case_loader.hpp"
#include "owner/step_request.hpp"

namespace edda::owner {
namespace {

namespace asio = boost::asio;

// An answer is brought to the lane until it is stored: dropped, its saga would wait for a restart.
constexpr milliseconds bring_deadline{10'000};
constexpr milliseconds bring_pause{100};

template <class Event>
bool has_event(const lanes::CommittedTurn& turn, SagaId saga) {
  return std::ranges::any_of(turn.decision->events, [&](const turn::DecidedEvent& e) {
    const auto* event = std::get_if<saga::Event>(&e.event);
    return event != nullptr && e.stream == stream_of(saga) && std::holds_alternative<Event>(*event);
  });
}

/// The turn wrote one of these events about this request's step.
template <class... Events>
bool is_about(const lanes::CommittedTurn& turn, const saga::State& saga, const saga::OpenRequest& open) {
  const auto names_step = [&](const auto* event) { return event != nullptr && event->step == saga.step(open.step).name; };
  return std::ranges::any_of(turn.decision->events, [&](const turn::DecidedEvent& e) {
    const auto* event = std::get_if<saga::Event>(&e.event);
    return event != nullptr && e.stream == stream_of(saga.id) && (names_step(std::get_if<Events>(event)) || ...);
  });
}

}  // namespace

Dispatcher::Dispatcher(asio::any_io_executor executor, EventStore& store, StepExecutor& steps, lanes::Epochs& epochs,
                       Clock& clock, Random& random, Log& log, DispatcherSettings settings)
    : executor_(executor),
      store_(store),
      steps_(steps),
      epochs_(epochs),
      clock_(clock),
      random_(random),
      log_(log),
      settings_(std::move(settings)),
      tasks_(executor) {}

Task<Result<void>> Dispatcher::start(Deadline deadline) {
  for (std::uint16_t shard = 0; shard < store_.info().shards; ++shard)
    CO_TRY_VOID(co_await take_over(ShardId{shard}, deadline));
  co_return Result<void>{};
}

Task<Result<void>> Dispatcher::take_over(ShardId shard, Deadline deadline) {
  CO_TRY(const auto taken, co_await store_.take_over(shard, settings_.node, {}, deadline));
  epochs_.set(shard, taken.epoch);
  for (const LiveSaga& live : taken.live) {
    CO_TRY(const auto loaded, co_await lanes::load_case(store_, live.order, deadline));
    const auto* saga = loaded.state.find_saga(live.saga);
    if (saga == nullptr) continue;
    for (const auto& open : saga->open) pick_up(loaded.state, *saga, open, std::nullopt, true);
  }
  co_return Result<void>{};
}

void Dispatcher::on_commit(std::shared_ptr<const std::vector<lanes::CommittedTurn>> turns) {
  asio::post(executor_, [this, turns = std::move(turns)] {
    for (const auto& turn : *turns) on_turn(turn);
  });
}

void Dispatcher::on_turn(const lanes::CommittedTurn& turn) {
  for (const auto& saga : turn.decision->after.sagas) {
    if (has_event<saga::SagaParked>(turn, saga.id))
      log_.write(LogLevel::warn, "a saga is parked and waits for an operator",
                 {{"saga", to_string(saga.id)}, {"order", to_string(saga.order)}, {"reason", saga.error}});
    const bool acted_on = has_event<saga::SagaActionTaken>(turn, saga.id);
    for (const auto& open : saga.open) {
      const bool about = is_about<saga::SagaStepRequested, saga::SagaStepFailed, saga::SagaStepUnknown>(turn, saga, open);
      if (about || acted_on) pick_up(turn.decision->after, saga, open, turn.id, !about);
    }
  }
}

/// Whatever a live saga waits for: its open request is sent, or its pause is waited out.
void Dispatcher::pick_up(const turn::OrderCase& state, const saga::State& saga, const saga::OpenRequest& open,
                         std::optional<TurnId> cause, bool resent) {
  if (open.wait || saga.status == SagaStatus::parked || saga.status == SagaStatus::paused) return;
  const auto& step = saga.step(open.step);
  if (open.being_sent()) return send({step_request(state, saga, open), saga::timeout_of(saga, open), cause, resent});
  if (!open.retry_in) return;

  const auto passed = std::chrono::duration_cast<milliseconds>(clock_.now() - open.since);
  const auto left = std::clamp(*open.retry_in - passed, milliseconds(0), *open.retry_in);
  ++timers_;
  tasks_.spawn(wait_and_retry(state.order.id, turn::RetryStep{saga.id, std::string(step.name), open.direction, open.attempt},
                              clock_.steady_now() + left, cause));
}

void Dispatcher::send(Send send) {
  if (in_flight_ >= settings_.in_flight_max) {
    waiting_.push_back(std::move(send));
    return;
  }
  ++in_flight_;
  ++counted_.sends;
  tasks_.spawn(perform(std::move(send)));
}

Task<void> Dispatcher::perform(Send send) {
  const StepRequest& request = send.request;
  turn::AnswerStep answer{request.saga, request.step, request.direction, request.attempt, {}, {}, {}, send.resent};
  const OrderId order = request.order;
  GatewayAnswer answered = co_await steps_.perform(std::move(send.request), clock_.deadline_in(send.timeout));
  ++counted_.answers[static_cast<std::size_t>(answered.outcome)];
  answer.outcome = answered.outcome;
  answer.reason = std::move(answered.reason);
  answer.reference = std::move(answered.reference);
  --in_flight_;
  if (!waiting_.empty() && !tasks_.closed()) {
    Send next = std::move(waiting_.front());
    waiting_.pop_front();
    this->send(std::move(next));
  }
  co_await bring(order, std::move(answer), send.cause);
}

Task<void> Dispatcher::wait_and_retry(OrderId order, turn::RetryStep retry, SteadyTime due,
                                      std::optional<TurnId> cause) {
  co_await clock_.sleep_until(due);
  --timers_;
  if (!tasks_.closed()) co_await bring(order, std::move(retry), cause);
}

Task<void> Dispatcher::bring(OrderId order, turn::Command command, std::optional<TurnId> cause) {
  for (;;) {
    lanes::TurnRequest request;
    request.order = order;
    request.command = command;
    request.fresh_saga = SagaId{random_.uuid_v7(clock_.now(), order.value.low16())};
    request.causation = cause;
    request.epoch = epochs_.of(shard_of(order.value, store_.info().shards));
    const auto answer = co_await lane_->submit(std::move(request), clock_.deadline_in(bring_deadline));
    if (answer || tasks_.closed()) co_return;
    if (!is_retryable(answer.error().code)) {
      log_.write(LogLevel::error, "a step's answer could not be stored",
                 {{"order", to_string(order)}, {"error", answer.error().message}});
      co_return;
    }
    co_await clock_.sleep_until(clock_.steady_now() + bring_pause);
  }
}

Task<void> Dispatcher::stop() {
  tasks_.close();
  waiting_.clear();
  tasks_.cancel();
  co_await tasks_.join();
}

DispatcherStats Dispatcher::stats() const {
  DispatcherStats stats = counted_;
  stats.in_flight = in_flight_;
  stats.timers = timers_;
  stats.waiting = waiting_.size();
  return stats;
}

}  // namespace edda::owner

#include "base/failpoint.hpp"
#include "base/planted.hpp"
#include "owner/dispatcher.hpp"

// Waiting, sending, and bringing answers back as commands.
namespace edda::owner {
namespace {

constexpr milliseconds bring_deadline{10'000};
// An answer is brought to the lane until it is stored: dropped, its saga would wait for the next owner.
constexpr milliseconds bring_pause{100};
constexpr milliseconds told_again_after{1'000};

bool is_fenced(const Error& error) { return error.code == Errc::cancelled && error.reason == "fenced"; }

}  // namespace

void Dispatcher::on_due(const SagaWakeUp& key) {
  if (key.saga.is_nil()) return sender_.pump();
  const ShardId id = shard_of_id(key.saga.value);
  OwnedShard* shard = owned(id);
  if (shard == nullptr) return;
  const auto found = shard->sagas.find(key.saga);
  if (found == shard->sagas.end()) return;
  if (key.what != SagaWakeUp::time_of_saga) return on_pause_over(id, *shard, key.saga, found->second, key.what);
  if (!found->second.time_at || found->second.time_due > clock_.steady_now()) return;
  found->second.time_at.reset();
  tasks_.spawn(tell_time(id, shard->epoch, key.saga, found->second.order, found->second.version));
}

void Dispatcher::on_pause_over(ShardId id, OwnedShard& shard, SagaId saga, TrackedSaga& tracked, std::size_t step) {
  const Work* work = tracked.find(step);
  if (work == nullptr || !work->pausing || work->due > clock_.steady_now()) return;
  turn::RetryStep retry{saga, std::string(tracked.definition->steps[step].name), work->direction, work->attempt};
  tasks_.spawn(bring(id, shard.epoch, tracked.order, std::move(retry), work->cause));
  // Forgotten, so that a saga that could not go on just now (it is paused) has its pause begun again when it can.
  end_work(saga, *work);
  std::erase_if(tracked.work, [&](const Work& w) { return w.step == step; });
}

/// If that changes nothing the clocks disagree a little: told again a second later.
Task<void> Dispatcher::tell_time(ShardId id, Epoch epoch, SagaId saga, OrderId order, StreamVersion version) {
  co_await bring(id, epoch, order, turn::SagaTimeDue{saga}, std::nullopt);
  OwnedShard* shard = owned(id, epoch);
  if (shard == nullptr) co_return;
  const auto found = shard->sagas.find(saga);
  if (found == shard->sagas.end() || found->second.version != version) co_return;
  found->second.time_at = clock_.now();
  found->second.time_due = clock_.steady_now() + told_again_after;
  wake_ups_.add(found->second.time_due, {saga, SagaWakeUp::time_of_saga});
}

void Dispatcher::pump_at(SteadyTime due) { wake_ups_.add(due, {}); }

bool Dispatcher::wanted(const Send& send) const {
  OwnedShard* shard = owned(send.shard, send.epoch);
  if (shard == nullptr) return false;
  const auto found = shard->sagas.find(send.request.saga);
  if (found == shard->sagas.end()) return false;
  const Work* work = found->second.find(send.step);
  return work != nullptr && !work->pausing && work->direction == send.request.direction &&
         work->attempt == send.request.attempt;
}

Task<void> Dispatcher::answered(Answer answer) {
  if (log_.writes(LogLevel::debug))
    log_.write(LogLevel::debug, "a step was answered",
               {{"correlation", to_string(answer.order)}, {"saga", to_string(answer.step.saga)}, {"step", answer.step.step},
                {"direction", std::string(to_string(answer.step.direction))}, {"attempt", std::to_string(answer.step.attempt)},
                {"outcome", std::string(to_string(answer.step.outcome))}, {"reason", answer.step.reason},
                {"trace_id", trace_id_text(answer.trace)}});
  co_await bring(answer.shard, answer.epoch, answer.order, std::move(answer.step), answer.cause, answer.trace);
}

Task<void> Dispatcher::bring(ShardId id, Epoch epoch, OrderId order, turn::Command command,
                             std::optional<TurnId> cause, TraceContext trace) {
  while (owned(id, epoch) != nullptr && !tasks_.closed()) {
    const auto answer = co_await submit(order, command, cause, epoch, clock_.deadline_in(bring_deadline));
    if (answer) {
      EDDA_FAILPOINT("step.stored");
      // Nothing stored: it did not matter any more, or was stored by a try whose answer was lost. The state tells what comes next.
      const auto* committed = std::get_if<lanes::Committed>(&*answer);
      OwnedShard* shard = owned(id, epoch);
      if (shard != nullptr && committed != nullptr && !committed->turn) look(*shard, *committed->state, cause);
      co_return;
    }
    const Error& error = answer.error();
    if (is_fenced(error)) co_return lose(id, epoch, ShardLoss::fenced);
    if (epochs_.closed(id)) co_return give_up_if_closed(id, epoch);
    if (error.code == Errc::corrupt) co_return cannot_read(id, epoch, order, error);
    if (!is_retryable(error.code)) {
      log_.write(LogLevel::error, "a step's answer could not be stored",
                 {{"correlation", to_string(order)}, {"trace_id", trace_id_text(trace)}, {"error", error.message}});
      co_return;
    }
    co_await clock_.sleep_until(clock_.steady_now() + bring_pause);
  }
}

Task<lanes::TurnAnswer> Dispatcher::submit(OrderId order, turn::Command command, std::optional<TurnId> cause,
                                           std::optional<Epoch> epoch, Deadline deadline) {
  lanes::TurnRequest request;
  request.order = order;
  request.command = std::move(command);
  request.fresh_saga = SagaId{random_.uuid_v7(clock_.now(), order.value.low16())};
  request.causation = cause;
  request.epoch = epoch;
  co_return co_await lane_->submit(std::move(request), deadline);
}

Task<lanes::TurnAnswer> Dispatcher::deliver(OrderId order, turn::AnswerStep answer, std::optional<Deadline> until) {
  const Deadline deadline = until.value_or(clock_.deadline_in(bring_deadline));
  const ShardId id = shard_of_id(order.value);
  if (const OwnedShard* shard = owned(id)) {
    const Epoch epoch = shard->epoch;
    auto stored = co_await submit(order, answer, {}, epoch, deadline);
    if (stored || !is_fenced(stored.error())) co_return stored;
    lose(id, epoch, ShardLoss::fenced);
  }
  // What is true does not depend on who owns the shard: without an epoch, a "no effect" counts as in doubt (R14).
  co_return co_await submit(order, std::move(answer), {}, {}, deadline);
}

Task<void> Dispatcher::stop() {
  tasks_.close();
  sender_.clear();
  loads_.clear();
  tasks_.cancel();
  co_await tasks_.join();
}

}  // namespace edda::owner

#include "base/planted.hpp"
#include "owner/dispatcher.hpp"

// Waiting, sending, and bringing answers back as commands.
namespace edda::owner {
namespace {

constexpr milliseconds bring_deadline{10'000};
// An answer is brought to the lane until it is stored: dropped, its saga would wait for the next owner.
constexpr milliseconds bring_pause{100};

bool is_fenced(const Error& error) { return error.code == Errc::cancelled && error.reason == "fenced"; }

}  // namespace

void Dispatcher::on_due(const WakeUps::Key& key) {
  if (key.saga.is_nil()) return sender_.pump();
  const ShardId id = shard_of_id(key.saga.value);
  OwnedShard* shard = owned(id);
  if (shard == nullptr) return;
  const auto found = shard->sagas.find(key.saga);
  if (found == shard->sagas.end()) return;
  const TrackedSaga& saga = found->second;
  for (const Work& work : saga.work) {
    if (!work.pausing || work.step != key.what || work.due > clock_.steady_now()) continue;
    turn::RetryStep step{key.saga, std::string(saga.definition->steps[work.step].name), work.direction, work.attempt};
    tasks_.spawn(bring(id, shard->epoch, saga.order, std::move(step), work.cause));
    return;
  }
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
  co_await bring(answer.shard, answer.epoch, answer.order, std::move(answer.step), answer.cause);
}

Task<void> Dispatcher::bring(ShardId id, Epoch epoch, OrderId order, turn::Command command,
                             std::optional<TurnId> cause) {
  while (owned(id, epoch) != nullptr && !tasks_.closed()) {
    const auto answer = co_await submit(order, command, cause, epoch);
    if (answer) {
      // Nothing stored: it did not matter any more, or was stored by a try whose answer was lost. The state tells what comes next.
      const auto* committed = std::get_if<lanes::Committed>(&*answer);
      OwnedShard* shard = owned(id, epoch);
      if (shard != nullptr && committed != nullptr && !committed->turn) look(*shard, *committed->state, cause);
      co_return;
    }
    const Error& error = answer.error();
    if (is_fenced(error)) co_return lose(id, epoch, ShardLoss::fenced);
    if (error.code == Errc::corrupt) co_return cannot_read(id, epoch, order, error);
    if (!is_retryable(error.code)) {
      log_.write(LogLevel::error, "a step's answer could not be stored",
                 {{"order", to_string(order)}, {"error", error.message}});
      co_return;
    }
    co_await clock_.sleep_until(clock_.steady_now() + bring_pause);
  }
}

Task<lanes::TurnAnswer> Dispatcher::submit(OrderId order, turn::Command command, std::optional<TurnId> cause,
                                           std::optional<Epoch> epoch) {
  lanes::TurnRequest request;
  request.order = order;
  request.command = std::move(command);
  request.fresh_saga = SagaId{random_.uuid_v7(clock_.now(), order.value.low16())};
  request.causation = cause;
  request.epoch = epoch;
  co_return co_await lane_->submit(std::move(request), clock_.deadline_in(bring_deadline));
}

Task<Result<void>> Dispatcher::deliver(OrderId order, turn::AnswerStep answer) {
  const ShardId id = shard_of_id(order.value);
  if (const OwnedShard* shard = owned(id)) {
    const Epoch epoch = shard->epoch;
    const auto stored = co_await submit(order, answer, {}, epoch);
    if (stored) co_return Result<void>{};
    if (!is_fenced(stored.error())) co_return std::unexpected(stored.error());
    lose(id, epoch, ShardLoss::fenced);
  }
  // What is true does not depend on who owns the shard: without an epoch, a "no effect" counts as in doubt (R14).
  const auto stored = co_await submit(order, std::move(answer), {}, {});
  if (!stored) co_return std::unexpected(stored.error());
  co_return Result<void>{};
}

Task<void> Dispatcher::stop() {
  tasks_.close();
  sender_.clear();
  loads_.clear();
  tasks_.cancel();
  co_await tasks_.join();
}

}  // namespace edda::owner

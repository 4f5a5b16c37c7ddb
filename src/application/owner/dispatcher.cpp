#include "owner/dispatcher.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <unordered_set>

#include "base/planted.hpp"
#include "owner/step_request.hpp"

// What the state of an order asks for. The rest of the class: dispatcher_answers.cpp, dispatcher_log.cpp.
namespace edda::owner {

namespace asio = boost::asio;

namespace {

// An append whose answer was lost has ended by then, one way or the other: stores bound their statements by far less.
constexpr milliseconds doubt_lasts{60'000};

std::size_t index_of(SagaStatus status) { return static_cast<std::size_t>(status); }

enum class Move { none, send, pause };

/// What a request of a saga asks this node to do.
Move move_for(const saga::State& saga, const saga::OpenRequest& open) {
  if (saga.paused || open.parked) return Move::none;
  if (open.being_sent()) return Move::send;
  return open.retry_in ? Move::pause : Move::none;
}

}  // namespace

Dispatcher::Dispatcher(asio::any_io_executor executor, EventStore& store, StepExecutor& steps, lanes::Epochs& epochs,
                       Clock& clock, Random& random, Log& log, DispatcherSettings settings)
    : executor_(executor),
      store_(store),
      epochs_(epochs),
      clock_(clock),
      random_(random),
      log_(log),
      settings_(std::move(settings)),
      shard_count_(store.info().shards),
      tasks_(executor),
      wake_ups_(tasks_, clock, [this](const SagaWakeUp& key) { on_due(key); }),
      sender_(tasks_, steps, clock, *this, settings_.in_flight_max, settings_.breaker, settings_.step_seconds),
      loads_(tasks_, store, clock, *this, settings_.loads_at_once),
      poll_(tasks_, store, clock, settings_.poll, [this](const std::vector<Position>& ends) { look_at_ends(ends); }),
      shards_(shard_count_) {}

Task<Result<void>> Dispatcher::start(Deadline deadline) {
  for (std::uint16_t shard = 0; shard < shard_count_; ++shard) {
    CO_TRY(const auto taken, co_await store_.take_over(ShardId{shard}, settings_.node, {}, deadline));
    take(ShardId{shard}, taken);
  }
  co_return Result<void>{};
}

void Dispatcher::take(ShardId shard, const TakeOver& taken) {
  drop(shard);
  poll_.start();
  epochs_.set(shard, taken.epoch);
  shards_[shard.value] = std::make_unique<OwnedShard>(taken.epoch, taken.last, store_.info().generation);
  ++counted_.taken;
  std::unordered_set<OrderId> seen;
  std::vector<OrderId> orders;
  for (const LiveSaga& live : taken.live)
    if (seen.insert(live.order).second) orders.push_back(live.order);
  shards_[shard.value]->first_loads = orders.size();
  tasks_.spawn(load_live(shard, taken.epoch, std::move(orders)));
}

/// Not within `take`: what is read may make this give the shard up at once.
Task<void> Dispatcher::load_live(ShardId shard, Epoch epoch, std::vector<OrderId> orders) {
  co_await asio::post(executor_, asio::use_awaitable);
  for (const OrderId order : orders) loads_.add({shard, epoch, order, true});
}

void Dispatcher::drop(ShardId id) {
  OwnedShard* shard = owned(id);
  if (shard == nullptr) return;
  while (!shard->sagas.empty()) forget(*shard, shard->sagas.begin());
  shards_[id.value].reset();
}

void Dispatcher::lose(ShardId shard, Epoch epoch, ShardLoss why) {
  if (owned(shard, epoch) == nullptr) return;
  if (why != ShardLoss::unreadable) drop(shard);
  if (why == ShardLoss::fenced) ++counted_.fenced;
  if (why == ShardLoss::newer_release) ++counted_.closed;
  if (on_lost_) on_lost_(shard, epoch, why);
}

void Dispatcher::give_up_if_closed(ShardId shard, Epoch epoch) {
  if (!epochs_.closed(shard) || owned(shard, epoch) == nullptr) return;
  log_.write(LogLevel::error, "a newer release wrote into a shard; this node decides nothing for it any more", {{"shard", std::to_string(shard.value)}});
  lose(shard, epoch, ShardLoss::newer_release);
}

OwnedShard* Dispatcher::owned(ShardId shard, Epoch epoch) const {
  OwnedShard* found = owned(shard);
  return found != nullptr && found->epoch == epoch ? found : nullptr;
}

void Dispatcher::on_commit(std::shared_ptr<const std::vector<lanes::CommittedTurn>> turns) {
  asio::post(executor_, [this, turns = std::move(turns)] {
    if (turns->empty()) poll_.watch(doubt_lasts);
    for (const auto& turn : *turns) on_turn(turn);
  });
}

void Dispatcher::on_turn(const lanes::CommittedTurn& turn) {
  OwnedShard* shard = owned(turn.turn->shard);
  if (shard == nullptr) return;
  shard->tail.cover(turn.first, turn.last());
  if (shard->tail.missing()) read_missing(turn.turn->shard, *shard);
  loads_.changed(turn.decision->after.order.id);
  look(*shard, turn.decision->after, turn.turn->id);
}

void Dispatcher::look(OwnedShard& shard, const turn::OrderCase& state, std::optional<TurnId> cause) {
  for (const auto& saga : state.sagas) look(shard, state, saga, cause);
}

void Dispatcher::look(OwnedShard& shard, const turn::OrderCase& state, const saga::State& saga,
                      std::optional<TurnId> cause) {
  auto found = shard.sagas.find(saga.id);
  if (!is_live(saga.status)) {
    if (found == shard.sagas.end()) return;
    note_end(saga);
    forget(shard, found);
    return;
  }
  if (found == shard.sagas.end())
    found = shard.sagas.emplace(saga.id, TrackedSaga{saga.order, saga.definition, {}, {}, {}, {}, {}}).first;
  TrackedSaga& tracked = found->second;
  if (saga.version <= tracked.version) return;
  tracked.version = saga.version;
  set_status(tracked, saga);
  set_time(tracked, saga);
  std::erase_if(tracked.work, [&](const Work& work) {
    const auto* open = saga.open_at(work.step);
    // What is under way stays under way while the saga is paused: begun a second time, it would be a send nobody counts.
    const bool goes_on = open != nullptr && (move_for(saga, *open) != Move::none || (open->being_sent() && !work.pausing));
    if (!goes_on) end_work(saga.id, work);
    return !goes_on;
  });
  for (const auto& open : saga.open)
    if (move_for(saga, open) != Move::none) look_at_request(shard, tracked, state, saga, open, cause);
}

void Dispatcher::look_at_request(OwnedShard& shard, TrackedSaga& tracked, const turn::OrderCase& state,
                                 const saga::State& saga, const saga::OpenRequest& open, std::optional<TurnId> cause) {
  const Work wanted{open.step, open.direction, open.attempt, open.retry_in.has_value(), {}, cause, open.first_requested_at};
  if (Work* known = tracked.find(open.step)) {
    if (known->direction == wanted.direction && known->attempt == wanted.attempt && known->pausing == wanted.pausing) return;
    end_work(saga.id, *known);
    *known = wanted;
  } else {
    tracked.work.push_back(wanted);
  }
  if (wanted.pausing) return start_pause(*tracked.find(open.step), shard, saga, open);
  Send send{step_request(state, saga, open), saga::timeout_of(saga, open), cause, open.epoch != shard.epoch, open.step,
            shard_of_id(saga.id.value), shard.epoch};
  send.request.resent = send.resent;
  send.request.generation = shard.generation;
  sender_.send(std::move(send));
}

void Dispatcher::start_pause(Work& work, const OwnedShard& shard, const saga::State& saga, const saga::OpenRequest& open) {
  const auto passed = std::chrono::duration_cast<milliseconds>(clock_.now() - open.since);
  work.due = clock_.steady_now() + std::clamp(*open.retry_in - passed, milliseconds(0), *open.retry_in);
  ++pausing_;
  if (EDDA_PLANTED(timer_lost_at_take_over) && open.epoch != shard.epoch) return;
  wake_ups_.add(work.due, {saga.id, static_cast<std::uint8_t>(open.step)});
}

/// The saga's next deadline, whichever that is.
void Dispatcher::set_time(TrackedSaga& tracked, const saga::State& saga) {
  const auto at = saga::next_wakeup(saga);
  if (at == tracked.time_at) return;
  if (tracked.time_at) wake_ups_.remove(tracked.time_due, {saga.id, SagaWakeUp::time_of_saga});
  tracked.time_at = at;
  if (!at) return;
  const auto left = std::max<microseconds>(*at - clock_.now(), microseconds(0));
  // A limit holds up to its very instant: it has passed a moment later.
  tracked.time_due = clock_.steady_now() + left + milliseconds(1);
  wake_ups_.add(tracked.time_due, {saga.id, SagaWakeUp::time_of_saga});
}

void Dispatcher::set_status(TrackedSaga& tracked, const saga::State& saga) {
  if (tracked.status == saga.status) return;
  if (tracked.status) --by_status_[index_of(*tracked.status)];
  tracked.status = saga.status;
  ++by_status_[index_of(saga.status)];
  if (saga.status != SagaStatus::parked) return;
  log_.write(LogLevel::warn, "a saga is parked and waits for an operator",
             {{"saga", to_string(saga.id)}, {"correlation", to_string(saga.order)}, {"trace_id", trace_id_text(saga.trace)}, {"reason", saga.error}});
}

void Dispatcher::note_end(const saga::State& saga) {
  ++counted_.ended[index_of(saga.status)];
  if (log_.writes(LogLevel::debug))
    log_.write(LogLevel::debug, "a saga ended",
               {{"saga", to_string(saga.id)}, {"correlation", to_string(saga.order)}, {"state", std::string(to_string(saga.status))},
                {"reason", saga.error}, {"trace_id", trace_id_text(saga.trace)}});
  if (settings_.tracer != nullptr && saga.trace.sampled) trace_end(saga);
  if (settings_.saga_seconds == nullptr) return;
  const std::chrono::duration<double> taken = clock_.now() - saga.started_at;
  // Where no trace was: the order's story, as the feed has it.
  const std::string trace = trace_id_text(saga.trace.exists() ? saga.trace : TraceContext{saga.order.value.bytes, {}, false});
  settings_.saga_seconds->with({to_string(saga.status)}).observe(std::max(taken.count(), 0.0), {{"trace_id", trace}});
}

void Dispatcher::trace_end(const saga::State& saga) {
  Span span = settings_.tracer->begin(saga.trace, SpanKind::internal, "saga " + std::string(saga.definition->name));
  span.start = std::min(saga.started_at, span.start);
  span.attributes = {{"edda.order.id", to_string(saga.order)},
                     {"edda.saga.id", to_string(saga.id)},
                     {"edda.outcome", std::string(to_string(saga.status))}};
  if (!saga.error.empty()) span.attributes.push_back({"edda.reason", saga.error});
  settings_.tracer->end(std::move(span));
}

void Dispatcher::end_work(SagaId id, const Work& work) {
  if (!work.pausing) return;
  --pausing_;
  wake_ups_.remove(work.due, {id, static_cast<std::uint8_t>(work.step)});
}

void Dispatcher::forget(OwnedShard& shard, std::unordered_map<SagaId, TrackedSaga>::iterator saga) {
  for (const Work& work : saga->second.work) end_work(saga->first, work);
  if (saga->second.time_at) wake_ups_.remove(saga->second.time_due, {saga->first, SagaWakeUp::time_of_saga});
  if (saga->second.status) --by_status_[index_of(*saga->second.status)];
  shard.sagas.erase(saga);
}

bool Dispatcher::ready() const {
  return std::ranges::all_of(shards_, [](const auto& shard) { return shard == nullptr || shard->first_loads == 0; });
}

DispatcherStats Dispatcher::stats() const {
  DispatcherStats stats = counted_;
  static_cast<SenderStats&>(stats) = sender_.stats();
  stats.timers = pausing_;
  stats.by_status = by_status_;
  stats.loading = loads_.size();
  for (const auto& shard : shards_) {
    if (shard == nullptr) continue;
    ++stats.shards;
    stats.live += shard->sagas.size();
  }
  return stats;
}

std::optional<Timestamp> Dispatcher::oldest_step() const {
  std::optional<Timestamp> oldest;
  for (const auto& shard : shards_) {
    if (shard == nullptr) continue;
    for (const auto& [id, saga] : shard->sagas)
      for (const Work& work : saga.work)
        if (!oldest || work.requested_at < *oldest) oldest = work.requested_at;
  }
  return oldest;
}

std::vector<Dispatcher::Held> Dispatcher::held() const {
  std::vector<Held> held;
  for (std::size_t number = 0; number < shards_.size(); ++number)
    if (shards_[number] != nullptr) held.push_back({ShardId{static_cast<std::uint16_t>(number)}, shards_[number]->epoch});
  return held;
}

}  // namespace edda::owner

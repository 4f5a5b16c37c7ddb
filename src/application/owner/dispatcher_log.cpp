#include <algorithm>

#include "owner/dispatcher.hpp"

// What nobody announced is read from the log: which orders moved. Their state says the rest.
namespace edda::owner {
namespace {

constexpr std::size_t page = 500;
constexpr milliseconds read_deadline{5'000};
constexpr milliseconds read_pause{100};
// Orders that wait to be folded, beyond which no further stretch of the log is read.
constexpr std::size_t loads_max = 10'000;

bool is_about_a_saga(const RecordedEvent& event) { return event.type.starts_with("Saga"); }

}  // namespace

void Dispatcher::look_at_ends(const std::vector<Position>& ends) {
  for (std::uint16_t number = 0; number < shard_count_ && number < ends.size(); ++number) look_at_end(ShardId{number}, ends[number]);
  if (on_ends_) on_ends_(ends);
}

void Dispatcher::look_at_end(ShardId id, Position end) {
  OwnedShard* shard = owned(id);
  if (shard == nullptr) return;
  if (epochs_.closed(id)) return give_up_if_closed(id, shard->epoch);
  // A fail-over may have lost the log's end even if it is as long again by now: whatever is known of the shard is of another log.
  if (end < shard->seen || shard->generation != store_.info().generation) {
    log_.write(LogLevel::error, "a shard's log is not the one it was a moment ago; it is taken over anew",
               {{"shard", std::to_string(id.value)}});
    return lose(id, shard->epoch, ShardLoss::log_cut);
  }
  // What was there at the last look and is still not announced will not be: a commit of our own takes only an instant to arrive here.
  shard->tail.reaches(shard->seen);
  shard->seen = end;
  if (shard->tail.missing()) read_missing(id, *shard);
}

void Dispatcher::notice(ShardId id, Position end) {
  OwnedShard* shard = owned(id);
  if (shard == nullptr) return;
  shard->tail.reaches(end);
  if (shard->tail.missing()) read_missing(id, *shard);
}

void Dispatcher::read_missing(ShardId id, OwnedShard& shard) {
  if (std::exchange(shard.reading, true)) return;
  tasks_.spawn(read_gap(id, shard.epoch));
}

Task<void> Dispatcher::read_gap(ShardId id, Epoch epoch) {
  while (!tasks_.closed()) {
    OwnedShard* shard = owned(id, epoch);
    if (shard == nullptr) co_return;
    const auto missing = shard->tail.missing();
    shard->reading = missing.has_value();
    if (!missing) co_return;
    const auto count = static_cast<std::size_t>(missing->up_to.value - missing->after.value);
    if (loads_.size() < loads_max) {
      const auto events = co_await store_.read_shard(id, missing->after, std::min(count, page), clock_.deadline_in(read_deadline));
      shard = owned(id, epoch);
      if (shard == nullptr || tasks_.closed()) co_return;
      if (events && !events->empty()) {
        for (const RecordedEvent& event : *events) note_unannounced(id, *shard, event);
        counted_.gap_events += events->size();
        shard->tail.cover(Position{missing->after.value + 1}, events->back().position);
        continue;
      }
    }
    co_await clock_.sleep_until(clock_.steady_now() + read_pause);
  }
}

void Dispatcher::note_unannounced(ShardId id, OwnedShard& shard, const RecordedEvent& event) {
  if (!is_about_a_saga(event)) return;
  const auto known = shard.sagas.find(SagaId{event.stream.value});
  if (known != shard.sagas.end() && known->second.version >= event.version) return;
  loads_.changed(event.correlation);
  loads_.add({id, shard.epoch, event.correlation, false});
}

void Dispatcher::loaded(const CaseLoads::Load& load, const turn::OrderCase& state) {
  OwnedShard* shard = owned(load.shard, load.epoch);
  if (load.first) --shard->first_loads;
  look(*shard, state, std::nullopt);
}

void Dispatcher::failed(const CaseLoads::Load& load, const Error& error) {
  if (load.first) --owned(load.shard, load.epoch)->first_loads;
  cannot_read(load.shard, load.epoch, load.order, error);
}

void Dispatcher::cannot_read(ShardId id, Epoch epoch, OrderId order, const Error& error) {
  ++counted_.unreadable;
  log_.write(LogLevel::error, "an order cannot be read; its sagas stand still", {{"correlation", to_string(order)}, {"error", error.message}});
  if (is_from_newer_release(error)) {
    epochs_.close(id);
    return give_up_if_closed(id, epoch);
  }
  OwnedShard* shard = owned(id, epoch);
  if (shard == nullptr || std::exchange(shard->unreadable, true)) return;
  lose(id, epoch, ShardLoss::unreadable);
}

}  // namespace edda::owner

#include "world/store.hpp"

#include <algorithm>
#include <ranges>

#include "world/store_ownership.hpp"

namespace edda::sim {
namespace {

constexpr SteadyTime run_start{std::chrono::hours(1)};

Uuid generation_of(std::uint64_t number) {
  Uuid id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::uint8_t>(mixed(number) >> (8 * i));
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

}  // namespace

SimStore::SimStore(Kernel& kernel, StoreSettings settings) : kernel_(kernel), settings_(settings) {
  database_.data.shards.resize(settings_.shards);
  database_.data.generation = generation_of(++generations_);
  database_.data.feature_level = settings_.feature_level;
}

StoreInfo SimStore::info() const { return {settings_.shards, database_.data.generation, database_.data.feature_level}; }

Timestamp SimStore::clock() const {
  return settings_.starts_at +
         std::chrono::duration_cast<std::chrono::microseconds>(kernel_.scheduler.now() - run_start);
}

void SimStore::begin(std::shared_ptr<Transaction> transaction, Done done, int break_after, TransactionEnd break_as) {
  if (!is_up()) {
    done(TransactionEnd::failed);
    return;
  }
  running_.push_back({.transaction = std::move(transaction),
                      .done = std::move(done),
                      .steps_until_break = break_after,
                      .break_as = break_as,
                      .committing = false,
                      .timer = {}});
  advance(std::prev(running_.end()));
}

void SimStore::go_on(Place place, Duration after) {
  place->timer = kernel_.scheduler.after(kernel_.scheduler.world(), after, "store", [this, place] { advance(place); });
}

void SimStore::advance(Place place) {
  if (place->committing) return commit(place);
  if (place->steps_until_break > 0 && --place->steps_until_break == 0) return finish(place, place->break_as);
  database_.now = clock();
  const auto progress = place->transaction->step(database_);
  switch (progress) {
    case Transaction::Progress::again:
      go_on(place, kernel_.draws.delay(Stream::store, settings_.statement_min, settings_.statement_max));
      break;
    case Transaction::Progress::waiting:
      place->timer = kernel_.scheduler.after(kernel_.scheduler.world(), settings_.lock_timeout, "lock timeout",
                                             [this, place] { finish(place, TransactionEnd::failed); });
      break;
    case Transaction::Progress::ready:
      place->committing = true;
      if (!place->transaction->writes()) return commit(place);
      go_on(place, kernel_.draws.delay(Stream::store, settings_.commit_min, settings_.commit_max));
      break;
  }
  wake();
}

void SimStore::wake() {
  for (Transaction* woken : std::exchange(database_.woken, {})) {
    const auto place = std::ranges::find(running_, woken, [](const Running& r) { return r.transaction.get(); });
    kernel_.scheduler.cancel(place->timer);
    go_on(place, settings_.statement_min);
  }
}

void SimStore::commit(Place place) {
  database_.now = clock();
  UndoLog* undo = nullptr;
  if (settings_.standby_may_lag && place->transaction->writes()) {
    const SteadyTime synced = kernel_.scheduler.now() - settings_.standby_lag;
    while (!unsynced_.empty() && unsynced_.front().at < synced) unsynced_.pop_front();
    undo = &unsynced_.emplace_back(kernel_.scheduler.now(), UndoLog()).undo;
  }
  place->transaction->commit(database_, undo);
  if (const auto* append = dynamic_cast<const AppendTransaction*>(place->transaction.get())) {
    count(*append);
    if (on_commit && !append->passed().empty()) on_commit({kernel_.scheduler.now(), append->passed(), append->writer_knows()});
  }
  finish(place, TransactionEnd::committed);
}

void SimStore::finish(Place place, TransactionEnd end) {
  kernel_.scheduler.cancel(place->timer);
  database_.locks.release_all(*place->transaction, database_.woken);
  auto done = std::move(place->done);
  const auto transaction = std::move(place->transaction);
  running_.erase(place);
  wake();
  done(end);
}

void SimStore::count(const AppendTransaction& append) {
  const AppendCounts& counts = append.counts();
  if (counts.own_turns > 0) kernel_.saw(Sometimes::own_turn_recognised);
  if (counts.conflicts > 0) kernel_.saw(Sometimes::version_conflict);
  if (counts.fenced > 0) kernel_.saw(Sometimes::fence_refused);
  if (counts.claimed > 0) kernel_.saw(Sometimes::claim_lost);
}

void SimStore::stop_all() {
  // What waits for a lock is ended first, so that nobody is woken in vain.
  while (!running_.empty()) {
    auto place = std::ranges::find_if(running_, [](const Running& r) { return r.transaction->waits(); });
    if (place == running_.end()) place = running_.begin();
    if (place->committing && place->transaction->writes() && kernel_.draws.chance(Stream::store, 500)) {
      kernel_.saw(Sometimes::commit_unknown);
      auto done = std::exchange(place->done, [](TransactionEnd) {});
      commit(place);
      done(TransactionEnd::cut);
    } else {
      finish(place, TransactionEnd::cut);
    }
  }
}

void SimStore::restart(Duration down) {
  stop_all();
  up_again_ = kernel_.scheduler.now() + down;
}

std::size_t SimStore::fail_over(Duration down) {
  restart(down);
  const std::size_t dropped = drop_tail();
  database_.data.generation = generation_of(++generations_);
  kernel_.saw(Sometimes::failover);
  if (dropped > 0) kernel_.saw(Sometimes::tail_dropped);
  if (on_fail_over) on_fail_over({database_.data.generation, dropped});
  return dropped;
}

/// Commits reach the standby in order: it lacks the last ones, how many is drawn.
std::size_t SimStore::drop_tail() {
  const SteadyTime synced = kernel_.scheduler.now() - settings_.standby_lag;
  while (!unsynced_.empty() && unsynced_.front().at < synced) unsynced_.pop_front();
  const std::size_t dropped = kernel_.draws.below(Stream::store, unsynced_.size() + 1);
  for (std::size_t i = 0; i < dropped; ++i) {
    unsynced_.back().undo.run(database_.data);
    unsynced_.pop_back();
  }
  unsynced_.clear();
  return dropped;
}

}  // namespace edda::sim

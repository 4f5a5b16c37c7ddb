#include "owner/publisher.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/failpoint.hpp"
#include "base/planted.hpp"

namespace edda::owner {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds store_deadline{5'000};
constexpr std::size_t pages_at_hand = 2;

}  // namespace

Publisher::Publisher(boost::asio::any_io_executor executor, EventStore& store, Cursors& cursors, EventSink& sink,
                     Clock& clock, Log& log, PublisherSettings settings)
    : executor_(executor),
      store_(store),
      cursors_(cursors),
      sink_(sink),
      clock_(clock),
      log_(log),
      settings_(std::move(settings)),
      tasks_(executor),
      shards_(store.info().shards) {}

void Publisher::take(ShardId shard, const TakeOver& taken) {
  shards_[shard.value] = std::make_unique<Shard>(taken.epoch, pages_at_hand * settings_.page);
  reaches(shard, taken.last);
}

void Publisher::on_commit(std::shared_ptr<const std::vector<lanes::CommittedTurn>> turns) {
  boost::asio::post(executor_, [this, turns = std::move(turns)] {
    for (const auto& turn : *turns) {
      Shard* shard = shards_[turn.turn->shard.value].get();
      if (shard == nullptr) continue;
      shard->fresh.add(turn);
      reaches(turn.turn->shard, turn.last());
    }
  });
}

void Publisher::notice(const std::vector<Position>& ends) {
  for (std::size_t number = 0; number < std::min(ends.size(), shards_.size()); ++number)
    reaches(ShardId{static_cast<std::uint16_t>(number)}, ends[number]);
}

void Publisher::reaches(ShardId id, Position end) {
  Shard* shard = shards_[id.value].get();
  if (shard == nullptr) return;
  shard->end = std::max(shard->end, end);
  if (shard->running || (shard->cursor_known && shard->cursor >= shard->end)) return;
  if (!shard->behind_since) shard->behind_since = clock_.now();
  shard->running = true;
  tasks_.spawn(publish_all(id, shard->epoch));
}

Publisher::Shard* Publisher::owned(ShardId shard, Epoch epoch) const {
  Shard* found = shards_[shard.value].get();
  return found != nullptr && found->epoch == epoch ? found : nullptr;
}

Task<void> Publisher::publish_all(ShardId id, Epoch epoch) {
  milliseconds pause = settings_.pause;
  for (;;) {
    Shard* shard = owned(id, epoch);
    if (shard == nullptr || tasks_.closed()) co_return;
    if (shard->cursor_known && shard->cursor >= shard->end) {
      shard->running = false;
      shard->behind_since.reset();
      co_return;
    }
    if (shard->cursor_known && clock_.steady_now() < shard->next_page) {
      co_await clock_.sleep_until(shard->next_page);
      continue;
    }
    const bool done = shard->cursor_known ? co_await publish_page(id, epoch) : co_await read_cursor(id, epoch);
    if (!done) co_await clock_.sleep_until(clock_.steady_now() + pause);
    pause = done ? settings_.pause : std::min(pause * 2, settings_.pause_max);
  }
}

Task<bool> Publisher::read_cursor(ShardId id, Epoch epoch) {
  const auto cursor = co_await cursors_.read_cursor(settings_.reader, id, clock_.deadline_in(store_deadline));
  Shard* shard = owned(id, epoch);
  if (!cursor || shard == nullptr) co_return false;
  shard->cursor = *cursor;
  shard->cursor_known = true;
  co_return true;
}

/// What this node committed itself is still at hand; what others did, or what could not be published at once, is read.
Task<Result<std::vector<RecordedEvent>>> Publisher::read_page(ShardId id, Shard& shard) {
  auto fresh = shard.fresh.take(shard.cursor, settings_.page, store_.info().generation);
  if (!fresh.empty()) co_return fresh;
  co_return co_await store_.read_shard(id, shard.cursor, settings_.page, clock_.deadline_in(store_deadline));
}

Task<bool> Publisher::publish_page(ShardId id, Epoch epoch) {
  const SteadyTime began = clock_.steady_now();
  auto events = co_await read_page(id, *owned(id, epoch));
  if (!events || events->empty() || owned(id, epoch) == nullptr) co_return false;
  const Position last = events->back().position;
  const Timestamp last_at = events->back().at;
  owned(id, epoch)->behind_since = events->front().at;
  const std::size_t count = events->size();
  if (count < settings_.page) owned(id, epoch)->next_page = began + settings_.gather;
  const auto sent = co_await sink_.publish(id, std::move(*events), clock_.deadline_in(settings_.publish_deadline));
  if (!sent) {
    if (counted_.failures++ == 0)
      log_.write(LogLevel::warn, "events cannot be published; orders go on", {{"error", sent.error().message}});
    if (!EDDA_PLANTED(cursor_past_unpublished)) co_return false;
  }
  counted_.published += count;
  EDDA_FAILPOINT("cursor.before_move");
  const bool moved = co_await move_cursor(id, epoch, last);
  // What follows was committed later.
  if (Shard* shard = owned(id, epoch); moved && shard != nullptr) shard->behind_since = last_at;
  co_return moved;
}

/// Only the move is tried again: what it moves over is acknowledged.
Task<bool> Publisher::move_cursor(ShardId id, Epoch epoch, Position to) {
  while (owned(id, epoch) != nullptr && !tasks_.closed()) {
    const auto moved = co_await cursors_.move_cursor(settings_.reader, id, epoch, to, clock_.deadline_in(store_deadline));
    Shard* shard = owned(id, epoch);
    if (shard == nullptr) break;
    if (moved) {
      EDDA_FAILPOINT("cursor.moved");
      shard->cursor = to;
      co_return true;
    }
    if (moved.error().reason == "fenced") {
      ++counted_.fenced;
      drop(id);
      if (on_lost_) on_lost_(id, epoch, ShardLoss::fenced);
      break;
    }
    co_await clock_.sleep_until(clock_.steady_now() + settings_.pause);
  }
  co_return false;
}

Task<void> Publisher::stop() {
  tasks_.close();
  tasks_.cancel();
  co_await tasks_.join();
}

PublisherStats Publisher::stats() const {
  PublisherStats stats = counted_;
  for (const auto& shard : shards_) {
    if (shard == nullptr) continue;
    if (shard->cursor_known) stats.behind += std::max<std::int64_t>(shard->end.value - shard->cursor.value, 0);
    if (shard->behind_since) stats.behind_since = std::min(*shard->behind_since, stats.behind_since.value_or(*shard->behind_since));
  }
  return stats;
}

}  // namespace edda::owner

#include "owner/shard_keeper.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace edda::owner {
namespace {

// Looks at which a shard was nobody's before a node takes it beyond its share: its rightful owner may be about to.
constexpr int orphaned_after = 4;
// A node whose clock is off looks this often whether it is still.
constexpr std::chrono::milliseconds stepped_back_every{2'000};
constexpr std::chrono::milliseconds avoid_for{60'000};
// One may have been on its way when the process died.
constexpr int renewals_of_the_living = 2;
constexpr std::chrono::milliseconds leave_deadline{1'000};

}  // namespace

ShardKeeper::ShardKeeper(boost::asio::any_io_executor executor, EventStore& store, ShardOwnership& ownership, Clock& clock,
                         Log& log, std::vector<ShardUser*> users, KeeperSettings settings)
    : store_(store),
      ownership_(ownership),
      clock_(clock),
      log_(log),
      users_(std::move(users)),
      settings_(std::move(settings)),
      tasks_(std::move(executor)) {}

void ShardKeeper::start() {
  tasks_.spawn(beat_for_ever());
  tasks_.spawn(watch_lease());
}

Task<void> ShardKeeper::stop() {
  tasks_.close();
  tasks_.cancel();
  co_await tasks_.join();
  drop_all();
  if (auto left = co_await ownership_.leave(self(), clock_.deadline_in(leave_deadline)); !left)
    log_.write(LogLevel::warn, "the shards could not be handed over; they are free once the lease has run out",
               {{"error", left.error().message}});
}

Task<void> ShardKeeper::beat_for_ever() {
  while (!tasks_.closed()) {
    const SteadyTime began = clock_.steady_now();
    co_await beat();
    const auto pause = stepped_back_ ? std::max(stepped_back_every, settings_.every) : settings_.every;
    co_await clock_.sleep_until(std::max(clock_.steady_now(), began + pause));
  }
}

Task<void> ShardKeeper::beat() {
  const SteadyTime began = clock_.steady_now();
  const Timestamp before = clock_.now();
  const auto view = co_await ownership_.beat(self(), settings_.lease, soon());
  if (tasks_.closed()) co_return;
  if (!view) {
    ++counted_.beats_failed;
    trouble_ = view.error();
    co_return;
  }
  // It may have run out while the renewal was on its way: then the shards were free for a moment, and are begun anew.
  if (!lease_holds()) drop_all();
  counted_.nodes = view->nodes.size();
  seen_ = *view;
  if (view->other_until) {
    wait_for_other(*view->other_until);
    co_return;
  }
  if (displaced_) log_.write(LogLevel::warn, "the other process under this node's id is gone; this one goes on", {});
  registered_ = true;
  displaced_ = false;
  renewals_ = 0;
  other_until_.reset();
  stepped_back_ = !clocks_agree(*view, before, clock_.now());
  if (stepped_back_) {
    co_await step_back();
    co_return;
  }
  lease_until_ = began + settings_.lease;
  if (!lease_holds()) co_return;
  reconcile(*view);
  if (rebalancing_ || began < planned_until_) co_return;
  note_orphans(*view);
  rebalancing_ = true;
  if (!tasks_.spawn(rebalance(*view))) rebalancing_ = false;
}

Task<void> ShardKeeper::watch_lease() {
  while (!tasks_.closed()) {
    if (!lease_holds() && !holdings_.held.empty()) {
      ++counted_.lapses;
      log_.write(LogLevel::warn, "the lease ran out before it could be renewed; all shards are dropped", {});
      drop_all();
    }
    co_await clock_.sleep_until(lease_holds() ? lease_until_ : clock_.steady_now() + settings_.every);
  }
}

bool ShardKeeper::clocks_agree(const ClusterView& view, Timestamp before, Timestamp after) const {
  return view.at >= before - settings_.clock_off_max && view.at <= after + settings_.clock_off_max;
}

/// Its share goes to the others while its clock is off: so it must not count among the living.
Task<void> ShardKeeper::step_back() {
  trouble_ = Error{Errc::unavailable, "this node's clock and the store's are too far apart"};
  if (counted_.clock_off++ == 0)
    log_.write(LogLevel::error, "this node's clock and the store's are too far apart; it acts for no shard until they agree", {});
  drop_all();
  static_cast<void>(co_await ownership_.leave(self(), soon()));
}

/// A process that was killed a moment ago cannot be told from one that lives, until its lease has run out or is renewed.
void ShardKeeper::wait_for_other(Timestamp until) {
  drop_all();
  lease_until_ = SteadyTime::min();
  registered_ = false;
  if (!other_until_) {
    log_.write(LogLevel::warn, "this node's id was another process's a moment ago; this one waits until that one's lease has run out",
               {{"until", to_rfc3339(until)}});
  }
  if (other_until_ && until > *other_until_) ++renewals_;
  other_until_ = until;
  if (renewals_ >= renewals_of_the_living && !displaced_) {
    displaced_ = true;
    log_.write(LogLevel::error, displaced()->message, {});
  }
  trouble_ = displaced() ? displaced() : Error{Errc::unavailable, "waits for the lease of the last process under this node's id"};
}

std::optional<Error> ShardKeeper::displaced() const {
  if (!displaced_) return std::nullopt;
  return Error{.code = Errc::already_exists,
               .message = fmt::format("Another process serves this store as {}, and is alive. Give each node an id of its own "
                                      "(server.node_id, NODE_ID), or stop the other process first.",
                                      settings_.node),
               .reason = "node_id_taken"};
}

void ShardKeeper::reconcile(const ClusterView& view) {
  for (const ShardOwner& shard : view.shards) {
    const auto held = holdings_.held.find(shard.shard);
    if (held == holdings_.held.end()) continue;
    const bool taken_away = shard.epoch > held->second || (shard.epoch == held->second && shard.node != settings_.node);
    if (taken_away) drop(shard.shard);
  }
}

void ShardKeeper::note_orphans(const ClusterView& view) {
  std::erase_if(avoid_until_, [this](const auto& entry) { return entry.second <= clock_.steady_now(); });
  holdings_.avoided.clear();
  for (const auto& [shard, until] : avoid_until_)
    if (view.nodes.size() > 1) holdings_.avoided.insert(shard);
  for (const ShardOwner& shard : view.shards) {
    int& looks = free_looks_[shard.shard];
    looks = is_free(shard, settings_.node, holdings_) ? looks + 1 : 0;
    if (looks >= orphaned_after) holdings_.orphaned.insert(shard.shard);
    else if (looks > 0) holdings_.orphaned.erase(shard.shard);
  }
}

Task<void> ShardKeeper::rebalance(ClusterView view) {
  for (const ShardId shard : std::set(holdings_.avoided)) {
    const auto held = holdings_.held.find(shard);
    if (held == holdings_.held.end()) continue;
    const Epoch epoch = held->second;
    drop(shard);
    co_await release(shard, epoch);
  }
  const ShardPlan plan = plan_shards(view, settings_.node, holdings_);
  for (const ShardOwner& shard : plan.release) {
    drop(shard.shard);
    co_await release(shard.shard, shard.epoch);
  }
  bool all_well = true;
  for (const ShardOwner& shard : plan.take) {
    if (tasks_.closed() || !lease_holds()) {
      all_well = false;
      break;
    }
    all_well = co_await take(shard) && all_well;
  }
  if (all_well) {
    joined_ = true;
    trouble_.reset();
  }
  planned_until_ = clock_.steady_now();
  rebalancing_ = false;
}

Task<bool> ShardKeeper::take(ShardOwner shard) {
  const auto taken = co_await store_.take_over(shard.shard, settings_.node, shard.epoch, soon());
  if (tasks_.closed()) co_return false;
  if (!taken && taken.error().code == Errc::version_conflict) {
    ++counted_.too_late;
    co_return true;
  }
  if (!taken) {
    trouble_ = taken.error();
    co_return false;
  }
  // Taken, but the time to act is over: the next look finds it unused, and takes it anew.
  if (!lease_holds()) co_return false;
  ++counted_.taken;
  holdings_.held[shard.shard] = taken->epoch;
  for (ShardUser* user : users_) user->take(shard.shard, *taken);
  co_return true;
}

Task<void> ShardKeeper::release(ShardId shard, Epoch epoch) {
  if (co_await ownership_.release(shard, epoch, soon())) ++counted_.released;
}

void ShardKeeper::lost(ShardId shard, Epoch epoch, ShardLoss why) {
  const auto held = holdings_.held.find(shard);
  if (held == holdings_.held.end() || held->second != epoch) return;
  switch (why) {
    case ShardLoss::fenced:
    case ShardLoss::log_cut: return drop(shard);
    case ShardLoss::unreadable:
      // Once: if no other node can read it either it comes back, and its other orders must go on.
      if (counted_.nodes < 2 || !handed_over_.insert(shard).second) return;
      avoid_until_[shard] = clock_.steady_now() + avoid_for;
      break;
    case ShardLoss::newer_release:
      avoid_until_[shard] = SteadyTime::max();
      // Alone it keeps the shard: it decides nothing there, but what stands in the log is published.
      if (counted_.nodes < 2) return;
      break;
  }
  log_.write(LogLevel::warn, "a shard that cannot be read is handed over", {{"shard", std::to_string(shard.value)}});
  drop(shard);
  tasks_.spawn(release(shard, epoch));
}

void ShardKeeper::drop(ShardId shard) {
  holdings_.held.erase(shard);
  for (ShardUser* user : users_) user->drop(shard);
}

void ShardKeeper::drop_all() {
  while (!holdings_.held.empty()) drop(holdings_.held.begin()->first);
}

KeeperStats ShardKeeper::stats() const {
  KeeperStats stats = counted_;
  stats.held = holdings_.held.size();
  return stats;
}

}  // namespace edda::owner

#include "lanes/lane.hpp"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <mutex>
#include <unordered_map>

#include "base/assert.hpp"
#include "base/failpoint.hpp"
#include "lanes/case_cache.hpp"
#include "lanes/case_loader.hpp"
#include "lanes/turn_outcome.hpp"

namespace edda::lanes {
namespace {

namespace asio = boost::asio;

// A command whose order keeps moving under it is decided again this often. Only what other nodes write counts: a turn that merely rested
// on one of its own batch that did not pass is decided again for nothing, as at least one turn of each batch is answered.
constexpr int tries_max = 8;
constexpr std::chrono::milliseconds load_deadline{5'000};
constexpr std::chrono::milliseconds append_deadline{10'000};

using Reply = std::move_only_function<void(TurnAnswer)>;

struct Pending {
  TurnRequest request;
  Deadline deadline;
  asio::any_io_executor home;  ///< where the caller waits
  Reply reply;
  int tries = 0;
};

/// One command of the batch, decided; or answered already (`answer` set), but not before the turns it was folded over are stored.
struct Decided {
  Pending pending;
  std::optional<TurnAnswer> answer;
  std::shared_ptr<turn::Decision> decision;
  std::optional<std::size_t> turn;  ///< index in the append batch
};

}  // namespace

struct Lane::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::any_io_executor lane_executor, EventStore& event_store, const Epochs& the_epochs, Clock& the_clock,
       Random& the_random, LaneSettings lane_settings, CommitListener listener)
      : executor(std::move(lane_executor)),
        store(event_store),
        epochs(the_epochs),
        clock(the_clock),
        random(the_random),
        settings(std::move(lane_settings)),
        on_commit(std::move(listener)),
        shards(event_store.info().shards),
        cache(settings.cases_max) {}

  // Set once.
  const asio::any_io_executor executor;
  EventStore& store;
  const Epochs& epochs;
  Clock& clock;
  Random& random;
  const LaneSettings settings;
  const CommitListener on_commit;
  const std::uint16_t shards;

  // Shared with submitters.
  std::mutex mutex;
  std::vector<Pending> queue;
  bool draining = false;
  bool stopping = false;
  std::vector<std::pair<asio::any_io_executor, std::move_only_function<void()>>> stop_waiters;
  std::atomic<std::uint64_t> turns{0}, batches{0}, conflicts{0}, duplicates{0}, claimed{0}, fenced{0}, rejections{0},
      overloads{0};

  // Owned by the lane's executor.
  CaseCache cache;

  struct Answered {
    asio::any_io_executor home;
    Reply reply;
    TurnAnswer answer;
  };
  std::vector<Answered> answered;

  void enqueue(Pending pending) {
    std::unique_lock lock(mutex);
    if (stopping || queue.size() >= settings.queue_max) {
      const bool stopped = stopping;
      lock.unlock();
      overloads.fetch_add(1, std::memory_order_relaxed);
      answer_now(std::move(pending), stopped ? fail(Errc::unavailable, "the server is shutting down; try again elsewhere")
                                             : fail(Errc::overloaded, "too many orders are waiting; try again shortly"));
      return;
    }
    queue.push_back(std::move(pending));
    if (draining) return;
    draining = true;
    lock.unlock();
    asio::co_spawn(executor, drain(shared_from_this()), asio::detached);
  }

  static void answer_now(Pending pending, std::unexpected<Error> error) {
    asio::post(pending.home, [reply = std::move(pending.reply), error = std::move(error)]() mutable {
      reply(TurnAnswer(std::move(error)));
    });
  }

  static Task<void> drain(std::shared_ptr<Impl> self) {
    std::deque<Pending> backlog;
    while (self->take_waiting(backlog)) {
      std::vector<Pending> batch;
      const std::size_t count = std::min(backlog.size(), self->settings.batch_max);
      batch.reserve(count);
      for (std::size_t i = 0; i < count; ++i) {
        batch.push_back(std::move(backlog.front()));
        backlog.pop_front();
      }
      for (auto& again : co_await self->process(std::move(batch))) backlog.push_front(std::move(again));
      self->send_answers();
    }
  }

  /// Moves what waits into `backlog`; false, and draining ends, when there is nothing at all.
  bool take_waiting(std::deque<Pending>& backlog) {
    const std::lock_guard lock(mutex);
    for (auto& pending : queue) backlog.push_back(std::move(pending));
    queue.clear();
    if (!backlog.empty()) return true;
    draining = false;
    for (auto& [home, wake] : stop_waiters) asio::post(home, std::move(wake));
    stop_waiters.clear();
    return false;
  }

  void settle(Pending pending, TurnAnswer answer) {
    answered.push_back({std::move(pending.home), std::move(pending.reply), std::move(answer)});
  }

  /// One wake-up for all answers that go to the same executor.
  void send_answers() {
    while (!answered.empty()) {
      const auto home = answered.back().home;
      auto group = std::make_unique<std::vector<Answered>>();
      std::vector<Answered> others;
      for (auto& a : answered) (a.home == home ? *group : others).push_back(std::move(a));
      answered = std::move(others);
      asio::post(home, [group = std::move(group)] {
        for (auto& a : *group) a.reply(std::move(a.answer));
      });
    }
  }

  /// Decides, appends and answers one batch; returns what must be decided again.
  Task<std::vector<Pending>> process(std::vector<Pending> batch) {
    Staged staged;
    std::vector<Decided> decided;
    std::vector<Turn> to_append;
    decided.reserve(batch.size());
    for (auto& pending : batch) decided.push_back(co_await decide(std::move(pending), staged, to_append));

    std::vector<TurnOutcome> outcomes;
    if (!to_append.empty()) {
      auto stored = co_await append(to_append);
      if (!stored) {
        // Whoever follows the log must look for itself.
        if (stored.error().code == Errc::outcome_unknown && on_commit) on_commit(std::make_shared<std::vector<CommittedTurn>>());
        for (auto& d : decided) {
          cache.drop(d.pending.request.subject());
          settle(std::move(d.pending), std::unexpected(stored.error()));
        }
        co_return std::vector<Pending>{};
      }
      outcomes = std::move(*stored);
    }
    announce(decided, to_append, outcomes);
    if (!to_append.empty()) EDDA_FAILPOINT("lane.before_answers", to_append.front().events.front().type);
    co_return co_await answer_all(std::move(decided), to_append, outcomes);
  }

  /// What earlier turns of the batch would leave behind.
  struct StagedCase {
    std::shared_ptr<const turn::OrderCase> state;
    std::size_t turn = 0;  ///< of the batch, the last that led to it; it names the one before
  };
  using Staged = std::unordered_map<Uuid, StagedCase>;

  Task<Result<std::shared_ptr<const turn::OrderCase>>> current(const TurnRequest& request, Staged& staged) {
    const Uuid& subject = request.subject();
    if (const auto found = staged.find(subject); found != staged.end()) co_return found->second.state;
    if (auto cached = cache.find(subject)) co_return cached;
    if (std::holds_alternative<turn::PlaceOrder>(request.command)) co_return std::make_shared<const turn::OrderCase>();
    CO_TRY(auto loaded, co_await load_subject(store, subject, request.product.has_value(), clock.deadline_in(load_deadline)));
    auto state = std::make_shared<const turn::OrderCase>(std::move(loaded));
    if (state->order.exists() || state->product.exists()) cache.put(subject, state);
    co_return state;
  }

  /// nullopt: the subject is where the caller expects it.
  static std::optional<std::unexpected<Error>> moved_on(const TurnRequest& request, const turn::OrderCase& state) {
    if (const auto& wanted = request.if_saga_version) {
      const auto* saga = state.find_saga(wanted->saga);
      if (saga == nullptr || saga->version != wanted->version)
        return fail(Errc::version_conflict, "the saga has changed since you read it; read it again");
    }
    const StreamVersion version = request.product ? state.product.version : state.order.version;
    if (!request.if_version || version == *request.if_version) return std::nullopt;
    if (version.value == 0) return fail(Errc::not_found, request.product ? "there is no such product" : "there is no such order");
    return fail(Errc::version_conflict, request.product ? "the product has changed since you read it; read it again"
                                                        : "the order has changed since you read it; read it again");
  }

  /// The store checks what a turn rests on. An answer that stores nothing is not checked by anybody, and another node may have written since
  /// the order was cached: such an answer is given over what was read anew.
  Task<Decided> decide(Pending pending, Staged& staged, std::vector<Turn>& to_append) {
    const Uuid subject = pending.request.subject();
    const bool from_cache = !staged.contains(subject) && cache.find(subject) != nullptr;
    Decided result = co_await decide_over(std::move(pending), staged, to_append);
    if (result.turn || !from_cache) co_return result;
    cache.drop(subject);
    co_return co_await decide_over(std::move(result.pending), staged, to_append);
  }

  Task<Decided> decide_over(Pending pending, Staged& staged, std::vector<Turn>& to_append) {
    Decided result{std::move(pending), {}, {}, {}};
    const TurnRequest& request = result.pending.request;
    if (clock.steady_now() > result.pending.deadline.at) {
      result.answer = fail(Errc::unavailable, "the store is too busy; try again shortly");
      co_return result;
    }
    auto state = co_await current(request, staged);
    if (!state) {
      result.answer = std::unexpected(state.error());
      co_return result;
    }
    if (auto moved = moved_on(request, **state)) {
      result.answer = *std::move(moved);
      co_return result;
    }
    const Epoch known = epochs.of(shard_of(request.subject(), shards));
    const turn::Inputs inputs{clock.now(), random.next(), request.fresh_saga, request.epoch.value_or(known)};
    auto decision = turn::decide(**state, request.command, inputs);
    if (!decision) {
      rejections.fetch_add(1, std::memory_order_relaxed);
      result.answer = rejected(decision.error());
      co_return result;
    }
    result.decision = std::make_shared<turn::Decision>(std::move(*decision));
    if (result.decision->events.empty()) {
      result.answer = Committed{after_of(result.decision), std::nullopt, inputs.at, result.decision};
      co_return result;
    }
    result.turn = to_append.size();
    Turn turn = stored_turn(request, **state, *result.decision);
    turn.id = TurnId{random.uuid_v7(inputs.at)};
    turn.shard = shard_of(request.subject(), shards);
    turn.node = settings.node;
    turn.proposed_at = inputs.at;
    if (const auto before = staged.find(request.subject()); before != staged.end())
      turn.after.push_back(to_append[before->second.turn].id);
    to_append.push_back(std::move(turn));
    staged[request.subject()] = {after_of(result.decision), *result.turn};
    co_return result;
  }

  /// R3: after a lost answer the same batch is sent again; the store knows its own turns. A later send that surely did nothing says
  /// nothing about the first: the outcome stays unknown until a send is answered.
  Task<Result<std::vector<TurnOutcome>>> append(const std::vector<Turn>& turns_to_append) {
    const Deadline deadline = clock.deadline_in(append_deadline);
    for (bool lost_an_answer = false;;) {
      auto stored = co_await store.append(turns_to_append, deadline);
      if (stored) co_return stored;
      lost_an_answer = lost_an_answer || stored.error().code == Errc::outcome_unknown;
      if (lost_an_answer) stored.error().code = Errc::outcome_unknown;
      if (!lost_an_answer || clock.steady_now() >= deadline.at) co_return stored;
      co_await clock.sleep_until(clock.steady_now() + std::chrono::milliseconds(50));
    }
  }

  void announce(const std::vector<Decided>& decided, const std::vector<Turn>& appended,
                const std::vector<TurnOutcome>& outcomes) {
    auto committed = std::make_shared<std::vector<CommittedTurn>>();
    for (const auto& d : decided) {
      if (!d.turn) continue;
      const auto* ok = std::get_if<Appended>(&outcomes[*d.turn]);
      if (ok == nullptr) continue;
      const Turn& turn = appended[*d.turn];
      committed->push_back({turn.id, turn.shard, ok->first, ok->at, d.decision});
    }
    batches.fetch_add(1, std::memory_order_relaxed);
    turns.fetch_add(committed->size(), std::memory_order_relaxed);
    if (!committed->empty() && on_commit) on_commit(std::move(committed));
  }

  /// True if a turn that this one's answer was folded over did not pass: the answer means nothing.
  static bool rests_on_failed(const Uuid& subject, std::size_t index, const std::vector<Decided>& decided,
                              const std::vector<bool>& failed) {
    for (std::size_t i = 0; i < index; ++i)
      if (failed[i] && decided[i].pending.request.subject() == subject) return true;
    return false;
  }

  Task<std::vector<Pending>> answer_all(std::vector<Decided> decided, const std::vector<Turn>& appended,
                                        const std::vector<TurnOutcome>& outcomes) {
    std::vector<bool> failed(decided.size(), false);
    for (std::size_t i = 0; i < decided.size(); ++i)
      failed[i] = decided[i].turn && !std::holds_alternative<Appended>(outcomes[*decided[i].turn]);
    std::vector<Pending> again;
    for (std::size_t i = 0; i < decided.size(); ++i) {
      Decided& d = decided[i];
      const Uuid subject = d.pending.request.subject();
      if (!d.turn && rests_on_failed(subject, i, decided, failed)) {
        again.push_back(std::move(d.pending));
        continue;
      }
      if (!d.turn) {
        TurnAnswer answer = co_await stored_answer_or(std::move(*d.answer), d.pending.request);
        settle(std::move(d.pending), std::move(answer));
        continue;
      }
      if (failed[i]) cache.drop(subject);
      else cache.put(subject, after_of(d.decision));
      count(outcomes[*d.turn]);
      const bool by_neighbour = failed[i] && !appended[*d.turn].after.empty() && rests_on_failed(subject, i, decided, failed);
      if (auto answer = answer_of(outcomes[*d.turn], d, appended[*d.turn].id, by_neighbour))
        settle(std::move(d.pending), std::move(*answer));
      else
        again.push_back(std::move(d.pending));
    }
    co_return again;
  }

  /// A refusal does not hold for a request that was carried out before: its key tells.
  Task<TurnAnswer> stored_answer_or(TurnAnswer answer, const TurnRequest& request) {
    if (answer || !request.key) co_return answer;
    auto found = co_await store.find_key(request.key->key, clock.deadline_in(load_deadline));
    if (!found) co_return std::unexpected(found.error());
    if (!*found) co_return answer;
    if ((*found)->fingerprint != request.key->fingerprint) co_return TurnAnswer(key_reused());
    co_return TurnAnswer(Replay{(*found)->stream, (*found)->version});
  }

  void count(const TurnOutcome& outcome) {
    const auto add = [](std::atomic<std::uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); };
    if (std::holds_alternative<Duplicate>(outcome)) add(duplicates);
    if (std::holds_alternative<Conflict>(outcome)) add(conflicts);
    if (std::holds_alternative<Claimed>(outcome)) add(claimed);
    if (std::holds_alternative<Fenced>(outcome)) add(fenced);
  }

  /// nullopt: decide again. `by_neighbour`: a turn of the same batch, on which this one rested, did not pass.
  static std::optional<TurnAnswer> answer_of(const TurnOutcome& outcome, Decided& d, TurnId turn, bool by_neighbour) {
    if (const auto* ok = std::get_if<Appended>(&outcome))
      return TurnAnswer(Committed{after_of(d.decision), turn, ok->at, d.decision});
    if (std::holds_alternative<Conflict>(outcome) && (by_neighbour || ++d.pending.tries < tries_max)) return std::nullopt;
    return refusal_of(outcome);
  }
};

Lane::Lane(asio::any_io_executor executor, EventStore& store, const Epochs& epochs, Clock& clock, Random& random,
           LaneSettings settings, CommitListener on_commit)
    : impl_(std::make_shared<Impl>(std::move(executor), store, epochs, clock, random, std::move(settings),
                                   std::move(on_commit))) {}

Lane::~Lane() {
  const std::lock_guard lock(impl_->mutex);
  EDDA_ASSERT(!impl_->draining && impl_->queue.empty());
}

Task<TurnAnswer> Lane::submit(TurnRequest request, Deadline deadline) {
  auto home = co_await asio::this_coro::executor;
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(TurnAnswer)>(
      [&](auto handler) {
        impl_->enqueue({std::move(request), deadline, std::move(home),
                        [handler = std::move(handler)](TurnAnswer answer) mutable {
                          std::move(handler)(std::move(answer));
                        }});
      },
      asio::use_awaitable);
}

Task<void> Lane::stop() {
  auto home = co_await asio::this_coro::executor;
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [&](auto handler) {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
        auto wake = [handler = std::move(handler)]() mutable { std::move(handler)(); };
        if (impl_->draining)
          impl_->stop_waiters.emplace_back(std::move(home), std::move(wake));
        else
          asio::post(home, std::move(wake));
      },
      asio::use_awaitable);
}

LaneStats Lane::stats() const {
  LaneStats stats;
  stats.turns = impl_->turns.load(std::memory_order_relaxed);
  stats.batches = impl_->batches.load(std::memory_order_relaxed);
  stats.conflicts = impl_->conflicts.load(std::memory_order_relaxed);
  stats.duplicates = impl_->duplicates.load(std::memory_order_relaxed);
  stats.claimed = impl_->claimed.load(std::memory_order_relaxed);
  stats.fenced = impl_->fenced.load(std::memory_order_relaxed);
  stats.rejections = impl_->rejections.load(std::memory_order_relaxed);
  stats.overloaded = impl_->overloads.load(std::memory_order_relaxed);
  const std::lock_guard lock(impl_->mutex);
  stats.queued = impl_->queue.size();
  return stats;
}

}  // namespace edda::lanes

#include "lanes/batch_runner.hpp"

#include "base/failpoint.hpp"
#include "eventsourcing/event_trace.hpp"
#include "lanes/turn_outcome.hpp"

namespace edda::lanes {
namespace {

// A command whose order keeps moving under it is decided again this often. Only what other nodes write counts: a turn that merely rested
// on one of its own batch that did not pass is decided again for nothing, as at least one turn of each batch is answered.
constexpr int tries_max = 8;
constexpr std::chrono::milliseconds append_deadline{10'000};
constexpr std::chrono::milliseconds append_pause{50};
constexpr std::chrono::milliseconds find_deadline{5'000};

void add_one(std::atomic<std::uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

/// True if a turn that this one's answer was folded over did not pass: the answer means nothing.
bool rests_on_failed(const Uuid& subject, std::size_t index, const std::vector<Decided>& decided, const std::vector<bool>& failed) {
  for (std::size_t i = 0; i < index; ++i)
    if (failed[i] && decided[i].pending.request.subject() == subject) return true;
  return false;
}

/// nullopt: decide again. `by_neighbour`: a turn of the same batch, on which this one rested, did not pass.
std::optional<TurnAnswer> answer_of(const TurnOutcome& outcome, Decided& decided, TurnId turn, bool by_neighbour) {
  if (const auto* ok = std::get_if<Appended>(&outcome))
    return TurnAnswer(Committed{after_of(decided.decision), turn, ok->at, decided.decision});
  if (std::holds_alternative<Conflict>(outcome) && (by_neighbour || ++decided.pending.tries < tries_max)) return std::nullopt;
  return refusal_of(outcome);
}

}  // namespace

BatchRunner::BatchRunner(EventStore& store, Epochs& epochs, Clock& clock, Random& random, const LaneSettings& settings,
                         CommitListener on_commit)
    : store_(store), clock_(clock), on_commit_(std::move(on_commit)), meters_(settings.meters), tracer_(settings.tracer), decider_(store, epochs, clock, random, settings) {}

Task<BatchRunner::Outcome> BatchRunner::run(std::vector<Pending> commands) {
  Batch batch;
  batch.generation = store_.info().generation;
  batch.decided.reserve(commands.size());
  for (auto& pending : commands) co_await decider_.decide(std::move(pending), batch);

  std::vector<TurnOutcome> outcomes;
  if (!batch.turns->empty()) {
    const SteadyTime append_began = clock_.steady_now();
    auto stored = co_await append(batch);
    if (!stored) co_return give_up(std::move(batch), stored.error());
    outcomes = std::move(*stored);
    announce(batch, outcomes);
    if (tracer_ != nullptr) trace(batch, outcomes, append_began);
    EDDA_FAILPOINT("lane.before_answers", batch.turns->front().events.front().type);
  }
  co_return co_await answer_all(std::move(batch), std::move(outcomes));
}

Task<Result<std::vector<TurnOutcome>>> BatchRunner::append(const Batch& batch) {
  const SteadyTime began = clock_.steady_now();
  auto stored = co_await append_until_known(batch);
  if (meters_.append_seconds != nullptr)
    meters_.append_seconds->observe(std::chrono::duration<double>(clock_.steady_now() - began).count());
  if (meters_.append_turns != nullptr) meters_.append_turns->observe(static_cast<double>(batch.turns->size()));
  co_return stored;
}

/// R3: after a lost answer the same batch is sent again; the store knows its own turns. A later send that surely did nothing says
/// nothing about the first: the outcome stays unknown until a send is answered. After a fail-over streams may have other events under the
/// same versions: what was decided before it is not sent.
Task<Result<std::vector<TurnOutcome>>> BatchRunner::append_until_known(const Batch& batch) {
  const Deadline deadline = clock_.deadline_in(append_deadline);
  for (bool lost_an_answer = false;;) {
    if (store_.info().generation != batch.generation)
      co_return fail(lost_an_answer ? Errc::outcome_unknown : Errc::unavailable, "the store has failed over; try again");
    auto stored = co_await store_.append(*batch.turns, deadline);
    if (stored) co_return stored;
    lost_an_answer = lost_an_answer || stored.error().code == Errc::outcome_unknown;
    if (lost_an_answer) stored.error().code = Errc::outcome_unknown;
    if (!lost_an_answer || clock_.steady_now() >= deadline.at) co_return stored;
    co_await clock_.sleep_until(clock_.steady_now() + append_pause);
  }
}

BatchRunner::Outcome BatchRunner::give_up(Batch batch, const Error& error) {
  add_one(error.code == Errc::outcome_unknown ? append_unknown_ : append_failed_);
  if (error.code == Errc::outcome_unknown) {
    decider_.lost_an_append();
    // Whoever follows the log must look for itself.
    if (on_commit_) on_commit_(std::make_shared<std::vector<CommittedTurn>>());
  }
  Outcome outcome;
  for (auto& decided : batch.decided) {
    decider_.forget(decided.pending.request.subject());
    outcome.answered.push_back({std::move(decided.pending), std::unexpected(error)});
  }
  return outcome;
}

void BatchRunner::announce(const Batch& batch, const std::vector<TurnOutcome>& outcomes) {
  auto committed = std::make_shared<std::vector<CommittedTurn>>();
  for (const auto& decided : batch.decided) {
    if (!decided.turn) continue;
    const auto* ok = std::get_if<Appended>(&outcomes[*decided.turn]);
    if (ok == nullptr) continue;
    committed->push_back({{batch.turns, &(*batch.turns)[*decided.turn]}, batch.generation, ok->first, ok->at, decided.decision});
  }
  add_one(batches_);
  turns_.fetch_add(committed->size(), std::memory_order_relaxed);
  if (!committed->empty() && on_commit_) on_commit_(std::move(committed));
}

/// Of each turn that is stored and of a trace that is kept: the turn, from its arrival at the lane, and in it the transaction.
void BatchRunner::trace(const Batch& batch, const std::vector<TurnOutcome>& outcomes, SteadyTime append_began) {
  const Timestamp now = clock_.now();
  const SteadyTime steady_now = clock_.steady_now();
  const auto wall = [&](SteadyTime then) { return now - std::chrono::duration_cast<microseconds>(steady_now - then); };
  for (const auto& decided : batch.decided) {
    const TurnRequest& request = decided.pending.request;
    if (!request.caused_by.sampled || !decided.turn || !std::holds_alternative<Appended>(outcomes[*decided.turn])) continue;
    const Turn& turn = (*batch.turns)[*decided.turn];
    Span span{.context = request.caused_by, .parent = request.caused_by.span, .name = "turn " + std::string(name_of(request.command)),
              .start = wall(decided.pending.since), .end = now};
    span.context.span = span_of(turn.id);
    span.attributes = {{"edda.order.id", to_string(turn.correlation)},
                       {"edda.turn.id", to_string(turn.id)},
                       {"edda.shard", std::int64_t{turn.shard.value}},
                       {"edda.events", static_cast<std::int64_t>(turn.events.size())}};
    Span commit{.context = span.context, .parent = span.context.span, .name = "commit", .start = wall(append_began), .end = now};
    commit.context.span = tracer_->new_span_id();
    commit.attributes = {{"edda.batch.turns", static_cast<std::int64_t>(batch.turns->size())}};
    tracer_->record(std::move(commit));
    tracer_->record(std::move(span));
  }
}

Task<BatchRunner::Outcome> BatchRunner::answer_all(Batch batch, std::vector<TurnOutcome> outcomes) {
  auto& all = batch.decided;
  std::vector<bool> failed(all.size(), false);
  for (std::size_t i = 0; i < all.size(); ++i)
    failed[i] = all[i].turn && !std::holds_alternative<Appended>(outcomes[*all[i].turn]);

  Outcome outcome;
  for (std::size_t i = 0; i < all.size(); ++i) {
    Decided& decided = all[i];
    const Uuid subject = decided.pending.request.subject();
    std::optional<TurnAnswer> answer;
    if (decided.turn) {
      const TurnOutcome& stored = outcomes[*decided.turn];
      const Turn& turn = (*batch.turns)[*decided.turn];
      if (failed[i]) decider_.forget(subject);
      else decider_.stands(subject, after_of(decided.decision));
      count(stored);
      const bool by_neighbour = failed[i] && !turn.after.empty() && rests_on_failed(subject, i, all, failed);
      answer = answer_of(stored, decided, turn.id, by_neighbour);
    } else if (!rests_on_failed(subject, i, all, failed)) {
      answer = co_await stored_answer_or(std::move(*decided.answer), decided.pending.request);
      if (!*answer && decided.rejected) add_one(rejections_);
    }
    if (answer) outcome.answered.push_back({std::move(decided.pending), std::move(*answer)});
    else outcome.again.push_back(std::move(decided.pending));
  }
  co_return outcome;
}

/// A refusal does not hold for a request that was carried out before: its key tells.
Task<TurnAnswer> BatchRunner::stored_answer_or(TurnAnswer answer, const TurnRequest& request) {
  if (answer || !request.key) co_return answer;
  auto found = co_await store_.find_key(request.key->key, clock_.deadline_in(find_deadline));
  if (!found) co_return std::unexpected(found.error());
  if (!*found) co_return answer;
  if ((*found)->fingerprint != request.key->fingerprint) co_return TurnAnswer(key_reused());
  co_return TurnAnswer(Replay{(*found)->stream, (*found)->version});
}

void BatchRunner::count(const TurnOutcome& outcome) {
  if (std::holds_alternative<Duplicate>(outcome)) add_one(duplicates_);
  if (std::holds_alternative<Conflict>(outcome)) add_one(conflicts_);
  if (std::holds_alternative<Claimed>(outcome)) add_one(claimed_);
  if (std::holds_alternative<Fenced>(outcome)) add_one(fenced_);
}

void BatchRunner::add_to(LaneStats& stats) const {
  const auto read = [](const std::atomic<std::uint64_t>& counter) { return counter.load(std::memory_order_relaxed); };
  stats.turns += read(turns_);
  stats.batches += read(batches_);
  stats.conflicts += read(conflicts_);
  stats.duplicates += read(duplicates_);
  stats.claimed += read(claimed_);
  stats.fenced += read(fenced_);
  stats.rejections += read(rejections_);
  stats.append_failed += read(append_failed_);
  stats.append_unknown += read(append_unknown_);
}

}  // namespace edda::lanes

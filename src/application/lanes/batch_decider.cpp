#include "lanes/batch_decider.hpp"

#include "base/planted.hpp"
#include "lanes/case_loader.hpp"
#include "lanes/turn_outcome.hpp"

namespace edda::lanes {
namespace {

constexpr std::chrono::milliseconds load_deadline{5'000};

/// nullopt: the subject is where the caller expects it.
std::optional<std::unexpected<Error>> moved_on(const TurnRequest& request, const turn::OrderCase& state) {
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

std::unexpected<Error> closed_shard() {
  return fail(Errc::unavailable, "a newer release wrote what this one cannot read; ask another node", {}, "newer_release");
}

}  // namespace

BatchDecider::BatchDecider(EventStore& store, Epochs& epochs, Clock& clock, Random& random, const LaneSettings& settings)
    : store_(store),
      epochs_(epochs),
      clock_(clock),
      random_(random),
      node_(settings.node),
      shards_(store.info().shards),
      cache_(settings.cases_max),
      cache_is_truth_(!settings.others_write),
      generation_(store.info().generation) {}

/// After a fail-over streams may have other events under the same versions: no conflict would tell.
void BatchDecider::forget_another_store() {
  const Uuid now = store_.info().generation;
  if (now == generation_) return;
  generation_ = now;
  cache_.clear();
}

Task<void> BatchDecider::decide(Pending pending, Batch& batch) {
  if (clock_.steady_now() > pending.deadline.at) {
    batch.decided.push_back({std::move(pending), fail(Errc::unavailable, "the store is too busy; try again shortly")});
    co_return;
  }
  forget_another_store();
  if (pending.request.generation.value_or(generation_) != generation_) {
    batch.decided.push_back({std::move(pending), fail(Errc::unavailable, "the store has failed over since this was asked for")});
    co_return;
  }
  const Uuid subject = pending.request.subject();
  const bool may_be_stale = !cache_is_truth_ && !batch.staged.contains(subject) && cache_.find(subject) != nullptr;
  Decided decided = co_await decide_over(std::move(pending), batch);
  if (may_be_stale && !decided.turn) {
    cache_.drop(subject);
    decided = co_await decide_over(std::move(decided.pending), batch);
  }
  batch.decided.push_back(std::move(decided));
}

Task<Decided> BatchDecider::decide_over(Pending pending, Batch& batch) {
  Decided decided{std::move(pending)};
  TurnRequest& request = decided.pending.request;
  const ShardId shard = shard_of(request.subject(), shards_);
  if (epochs_.closed(shard)) {
    decided.answer = closed_shard();
    co_return decided;
  }
  const auto state = co_await current(request, batch);
  if (!state && is_from_newer_release(state.error())) {
    epochs_.close(shard);
    decided.answer = closed_shard();
    co_return decided;
  }
  if (!state) {
    decided.answer = std::unexpected(state.error());
    co_return decided;
  }
  if (auto moved = moved_on(request, **state)) {
    decided.answer = *std::move(moved);
    co_return decided;
  }
  if (!request.caused_by.exists()) request.caused_by = turn::trace_behind(**state, request.command);
  const turn::Inputs inputs{clock_.now(), random_.next(), request.fresh_saga, request.epoch.value_or(epochs_.of(shard)),
                            EDDA_PLANTED(feature_level_ignored) ? newest_feature_level : store_.info().feature_level,
                            request.caused_by};
  auto decision = turn::decide(**state, request.command, inputs);
  if (!decision) {
    decided.answer = rejected(decision.error());
    decided.rejected = true;
    co_return decided;
  }
  decided.decision = std::make_shared<turn::Decision>(std::move(*decision));
  if (decided.decision->events.empty())
    decided.answer = Committed{after_of(decided.decision), std::nullopt, inputs.at, decided.decision};
  else
    add_turn(decided, **state, inputs.at, batch);
  co_return decided;
}

Task<Result<std::shared_ptr<const turn::OrderCase>>> BatchDecider::current(const TurnRequest& request, const Batch& batch) {
  const Uuid& subject = request.subject();
  if (const auto found = batch.staged.find(subject); found != batch.staged.end()) co_return found->second.state;
  if (auto cached = cache_.find(subject)) co_return cached;
  if (std::holds_alternative<turn::PlaceOrder>(request.command)) co_return std::make_shared<const turn::OrderCase>();
  CO_TRY(auto loaded, co_await load_subject(store_, subject, request.product.has_value(), clock_.deadline_in(load_deadline)));
  auto state = std::make_shared<const turn::OrderCase>(std::move(loaded));
  if (state->order.exists() || state->product.exists()) cache_.put(subject, state);
  co_return state;
}

void BatchDecider::add_turn(Decided& decided, const turn::OrderCase& before, Timestamp at, Batch& batch) {
  const TurnRequest& request = decided.pending.request;
  Turn turn = stored_turn(request, before, *decided.decision);
  turn.id = TurnId{random_.uuid_v7(at)};
  turn.shard = shard_of(request.subject(), shards_);
  turn.node = node_;
  turn.proposed_at = at;
  const auto earlier = batch.staged.find(request.subject());
  if (earlier != batch.staged.end()) turn.after.push_back((*batch.turns)[earlier->second.turn].id);
  decided.turn = batch.turns->size();
  batch.turns->push_back(std::move(turn));
  batch.staged[request.subject()] = {after_of(decided.decision), *decided.turn};
}

}  // namespace edda::lanes

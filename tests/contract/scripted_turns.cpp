#include "contract/scripted_turns.hpp"

#include <algorithm>

namespace edda::test {
namespace {

std::vector<Digest128> keys_of(const Turn& turn) {
  std::vector<Digest128> keys;
  if (turn.command) keys.push_back(turn.command->key);
  for (const Claim& claim : turn.claims) keys.push_back(claim.key);
  return keys;
}

void add_event(TurnBuilder& builder, StreamId stream, std::size_t which, int kind, const OrderIds& ids,
               std::int64_t before) {
  static constexpr std::string_view first[] = {"OrderCreated", "PaymentRequested", "SagaStarted"};
  static constexpr std::string_view later[3][3] = {{"OrderConfirmed", "OrderCancelled", "OrderConfirmed"},
                                                   {"PaymentProcessed", "PaymentFailed", "PaymentProcessed"},
                                                   {"SagaCompleted", "SagaParked", "SagaStarted"}};
  if (before > 0)
    builder.event(stream, later[which][kind]);
  else
    builder.event(stream, first[which], which == 0 ? order_created(ids) : "{}");
}

}  // namespace

std::vector<Turn> ScriptedTurns::batch(const std::vector<Plan>& plans) {
  std::vector<Turn> batch;
  versions_.clear();
  for (const Plan& plan : plans) batch.push_back(turn_of(plan, batch));
  if (!batch.empty()) last_ = batch.back();
  return batch;
}

Turn ScriptedTurns::turn_of(const Plan& plan, const std::vector<Turn>& earlier) {
  if (plan.again && last_) return *last_;
  const OrderIds ids(static_cast<std::uint64_t>(plan.order));
  TurnBuilder builder(next_turn_++, plan.second);
  const std::vector<StreamId> streams_of = {stream_of(ids.order), stream_of(ids.payment), stream_of(ids.saga)};
  // A stream's first event is always its own kind of beginning, so that the rows are those of real orders; and an order
  // stands before its payment and saga do.
  const int streams = version(streams_of[0]) == 0 ? plan.streams | 1 : plan.streams;
  for (std::size_t i = 0; i < streams_of.size(); ++i) {
    if ((streams >> i & 1) == 0) continue;
    std::int64_t& known = version(streams_of[i]);
    const std::int64_t expected = std::max<std::int64_t>(known + plan.lag, 0);
    builder.expects(streams_of[i], expected);
    for (int n = 0; n < plan.events; ++n) add_event(builder, streams_of[i], i, plan.kind, ids, expected + n);
    known += plan.events;
  }
  // Whoever writes a payment or a saga has folded the order.
  if ((streams & 1) == 0) builder.expects(streams_of[0], version(streams_of[0]));
  if (plan.folded > 0 && plan.folded != plan.order && shard_of_order(plan.folded) == shard_of_order(plan.order)) {
    const StreamId other = stream_of(OrderIds(static_cast<std::uint64_t>(plan.folded)).order);
    builder.expects(other, std::max<std::int64_t>(version(other) - plan.fingerprint, 0));
  }
  if (plan.key >= 0) builder.key(static_cast<std::uint64_t>(plan.key), static_cast<std::uint64_t>(plan.fingerprint));
  if (plan.claim >= 0) builder.claim(static_cast<std::uint64_t>(plan.claim));
  if (plan.epoch >= 0) builder.epoch(plan.epoch);
  if (plan.after >= 0 && static_cast<std::size_t>(plan.after) < earlier.size()) {
    builder.after(earlier[static_cast<std::size_t>(plan.after)]);
  }
  Turn turn = builder.with_rows();
  turn.shard = shard_of_order(plan.order);
  turn.correlation = ids.order;
  if (plan.bad) turn.events.front().data = "\xC3(";
  return turn;
}

/// The version a batch's next turn should expect: what is stored, then what the batch itself adds if all passes.
std::int64_t& ScriptedTurns::version(StreamId stream) {
  const auto known = std::ranges::find(versions_, stream, &std::pair<StreamId, std::int64_t>::first);
  if (known != versions_.end()) return known->second;
  return versions_.emplace_back(stream, stored_(stream)).second;
}

bool may_decide_again(const std::vector<Turn>& batch, const std::vector<TurnOutcome>& outcomes, std::size_t index) {
  const auto* conflict = std::get_if<Conflict>(&outcomes[index]);
  if (conflict == nullptr) return false;
  for (const ExpectedVersion& expected : batch[index].expected) {
    if (expected.stream == conflict->stream && expected.version != conflict->actual) return false;
  }
  const auto wanted = keys_of(batch[index]);
  for (std::size_t i = 0; i < index; ++i) {
    if (std::holds_alternative<Appended>(outcomes[i]) || std::holds_alternative<Refused>(outcomes[i])) continue;
    for (const Digest128& key : keys_of(batch[i])) {
      if (std::ranges::find(wanted, key) != wanted.end()) return true;
    }
  }
  return false;
}

}  // namespace edda::test

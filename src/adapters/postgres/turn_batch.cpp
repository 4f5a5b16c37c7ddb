#include "postgres/turn_batch.hpp"

#include <fmt/format.h>

#include "views/steps_text.hpp"

namespace edda::postgres {
namespace {

constexpr int parameter_count = 74;
constexpr std::int64_t no_epoch = -1;

// What append_turns answers.
enum class Answer { appended, duplicate, duplicate_of_another, conflict, claimed, fenced };

// PostgreSQL's integers are signed; a fingerprint is only ever compared.
std::int64_t signed_of(std::uint64_t fingerprint) { return static_cast<std::int64_t>(fingerprint); }

template <class Id>
std::vector<Uuid>& operator+=(std::vector<Uuid>& all, const Id& id) {
  all.push_back(id.value);
  return all;
}

}  // namespace

TurnBatch::TurnBatch(std::span<const Turn* const> turns, const StandingTurns& standing) {
  collect_shards(turns);
  collect_keys(turns);
  for (const Turn* turn : turns) add(*turn, standing);
}

void TurnBatch::collect_shards(std::span<const Turn* const> turns) {
  for (const Turn* turn : turns) shard_index_[turn->shard] = 0;
  for (auto& [shard, index] : shard_index_) {
    shard_numbers_.push_back(shard.value);
    index = static_cast<Index>(shard_numbers_.size());
  }
}

// In the order of their bytes, which is PostgreSQL's order of uuids too.
void TurnBatch::collect_keys(std::span<const Turn* const> turns) {
  for (const Turn* turn : turns) {
    if (const auto& command = turn->command)
      keys_.try_emplace(command->key, command->stream, command->version, command->fingerprint);
    for (const Claim& claim : turn->claims) keys_.try_emplace(claim.key, claim.stream, StreamVersion{0}, 0U);
  }
  Index index = 0;
  for (auto& [key, use] : keys_) use.index = ++index;
}

TurnBatch::Index TurnBatch::stream(StreamId id) {
  const auto [found, fresh] = stream_index_.try_emplace(id, static_cast<Index>(streams_.size() + 1));
  if (fresh) streams_.push_back(id.value);
  return found->second;
}

// All turns of a node name it.
TurnBatch::Index TurnBatch::node(std::string_view name) {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i] == name) return static_cast<Index>(i + 1);
  }
  nodes_.push_back(name);
  return static_cast<Index>(nodes_.size());
}

void TurnBatch::add(const Turn& turn, const StandingTurns& standing) {
  const auto [same, fresh] = turn_index_.try_emplace(turn.id, turns() + 1);
  turn_.same.push_back(fresh ? 0 : same->second);
  same->second = turns() + 1;
  turn_.id.push_back(turn.id.value);
  turn_.shard.push_back(shard_index_.at(turn.shard));
  turn_.at.push_back(turn.proposed_at);
  turn_.epoch.push_back(turn.epoch ? turn.epoch->value : no_epoch);
  turn_.node.push_back(node(turn.node));
  turn_.correlation.push_back(turn.correlation.value);
  turn_.causation.push_back(turn.causation ? turn.causation->value : Uuid{});
  for (const ExpectedVersion& expected : turn.expected) {
    expected_.stream.push_back(stream(expected.stream));
    expected_.version.push_back(expected.version.value);
  }
  for (const TurnId id : turn.after) {
    if (standing.contains(id)) continue;
    const auto earlier = turn_index_.find(id);
    after_.push_back(earlier == turn_index_.end() || id == turn.id ? 0 : earlier->second);
  }
  add_key(turn);
  for (const Claim& claim : turn.claims) {
    claim_.key.push_back(keys_.at(claim.key).index);
    claim_.stream.push_back(stream(claim.stream));
  }
  add_events(turn);
  add_rows(turn);
  turn_.events_to.push_back(static_cast<Index>(event_.turn.size()));
  turn_.expected_to.push_back(static_cast<Index>(expected_.stream.size()));
  turn_.after_to.push_back(static_cast<Index>(after_.size()));
  turn_.claims_to.push_back(static_cast<Index>(claim_.key.size()));
}

void TurnBatch::add_key(const Turn& turn) {
  const auto& command = turn.command;
  turn_.key.push_back(command ? keys_.at(command->key).index : 0);
  turn_.key_stream.push_back(command ? stream(command->stream) : 0);
  turn_.key_version.push_back(command ? command->version.value : 0);
  turn_.fingerprint.push_back(command ? signed_of(command->fingerprint) : 0);
}

void TurnBatch::add_events(const Turn& turn) {
  for (const NewEvent& event : turn.events) {
    event_.turn.push_back(turns());
    event_.stream.push_back(stream(event.stream));
    event_.version.push_back(event.version.value);
    event_.type.push_back(event.type);
    event_.data.push_back(event.data);
  }
}

void TurnBatch::add_rows(const Turn& turn) {
  for (const OrderRow& row : turn.orders) {
    order_.turn.push_back(turns());
    order_.stream.push_back(stream(stream_of(row.id)));
    order_.user += row.user;
    order_.status.push_back(to_string(row.status));
    order_.total.push_back(row.total.minor);
    order_.currency.push_back(row.total.currency.view());
    order_.payment += row.payment;
    order_.saga += row.saga;
    order_.version.push_back(row.version.value);
  }
  for (const PaymentRow& row : turn.payments) {
    payment_.turn.push_back(turns());
    payment_.stream.push_back(stream(stream_of(row.id)));
    payment_.order += row.order;
    payment_.user += row.user;
    payment_.status.push_back(to_string(row.status));
    payment_.amount.push_back(row.amount.minor);
    payment_.currency.push_back(row.amount.currency.view());
    payment_.refunded.push_back(row.refunded_minor);
    payment_.external.push_back(row.external_transaction_id);
    payment_.failure.push_back(row.failure_reason);
    payment_.version.push_back(row.version.value);
  }
  for (const SagaRow& row : turn.sagas) {
    saga_.turn.push_back(turns());
    saga_.stream.push_back(stream(stream_of(row.id)));
    saga_.order += row.order;
    saga_.user += row.user;
    saga_.definition.push_back(row.definition);
    saga_.definition_version.push_back(row.definition_version);
    saga_.status.push_back(to_string(row.status));
    saga_.current_step.push_back(row.current_step);
    saga_.completed.push_back(made_.emplace_back(steps_to_text(row.completed_steps)));
    saga_.compensation.push_back(made_.emplace_back(steps_to_text(row.compensation_steps)));
    saga_.error.push_back(row.error);
    saga_.version.push_back(row.version.value);
  }
  for (const ProductRow& row : turn.products) {
    product_.turn.push_back(turns());
    product_.stream.push_back(stream(stream_of(row.id)));
    product_.product.push_back(row.product);
    product_.name.push_back(row.name);
    product_.merchant += row.merchant;
    product_.tracked.push_back(row.tracked);
    product_.available.push_back(row.available);
    product_.held.push_back(row.held);
    product_.version.push_back(row.version.value);
  }
}

std::string TurnBatch::call() {
  std::string text = "SELECT answer, answer_id, answer_n, answer_at FROM append_turns($1";
  for (int i = 2; i <= parameter_count; ++i) text += fmt::format(", ${}", i);
  return text + ")";
}

// In the order of the function's parameters.
Params TurnBatch::params() const {
  std::vector<Uuid> keys;
  std::vector<Uuid> holders;
  std::vector<std::int64_t> versions;
  std::vector<std::int64_t> fingerprints;
  for (const auto& [key, use] : keys_) {
    keys.push_back(Uuid{key});
    holders += use.stream;
    versions.push_back(use.version.value);
    fingerprints.push_back(signed_of(use.fingerprint));
  }
  Params all;
  all.add_int4s(shard_numbers_).add_uuids(streams_);
  all.add_uuids(keys).add_uuids(holders).add_int8s(versions).add_int8s(fingerprints);
  all.add_texts(nodes_);
  const auto& t = turn_;
  all.add_uuids(t.id).add_int4s(t.shard).add_timestamps(t.at).add_int8s(t.epoch).add_int4s(t.node);
  all.add_uuids(t.correlation).add_uuids(t.causation).add_int4s(t.same);
  all.add_int4s(t.key).add_int4s(t.key_stream).add_int8s(t.key_version).add_int8s(t.fingerprint);
  all.add_int4s(t.events_to).add_int4s(t.expected_to).add_int4s(t.after_to).add_int4s(t.claims_to);
  const auto& e = event_;
  all.add_int4s(e.turn).add_int4s(e.stream).add_int8s(e.version).add_texts(e.type).add_texts(e.data);
  all.add_int4s(expected_.stream).add_int8s(expected_.version).add_int4s(after_);
  all.add_int4s(claim_.key).add_int4s(claim_.stream);
  const auto& o = order_;
  all.add_int4s(o.turn).add_int4s(o.stream).add_uuids(o.user).add_texts(o.status).add_int8s(o.total);
  all.add_texts(o.currency).add_uuids(o.payment).add_uuids(o.saga).add_int8s(o.version);
  const auto& p = payment_;
  all.add_int4s(p.turn).add_int4s(p.stream).add_uuids(p.order).add_uuids(p.user).add_texts(p.status);
  all.add_int8s(p.amount).add_texts(p.currency).add_int8s(p.refunded).add_texts(p.external).add_texts(p.failure);
  all.add_int8s(p.version);
  const auto& g = saga_;
  all.add_int4s(g.turn).add_int4s(g.stream).add_uuids(g.order).add_uuids(g.user).add_texts(g.definition);
  all.add_int4s(g.definition_version).add_texts(g.status).add_texts(g.current_step).add_texts(g.completed);
  all.add_texts(g.compensation).add_texts(g.error).add_int8s(g.version);
  const auto& r = product_;
  all.add_int4s(r.turn).add_int4s(r.stream).add_texts(r.product).add_texts(r.name).add_uuids(r.merchant);
  all.add_booleans(r.tracked).add_int8s(r.available).add_int8s(r.held).add_int8s(r.version);
  return all;
}

Result<std::vector<TurnOutcome>> TurnBatch::outcomes(const Rows& answers) const {
  if (answers.size() != turn_.id.size()) return fail(Errc::corrupt, "The store did not answer every turn.");
  std::vector<TurnOutcome> all;
  all.reserve(answers.size());
  for (const Row row : answers) {
    const StreamId stream = row.id<StreamId>(1);
    const std::int64_t n = row.integer(2);
    switch (static_cast<Answer>(row.integer(0))) {
      case Answer::appended:
        all.push_back(Appended{row.timestamp(3), Position{n}});
        break;
      case Answer::duplicate:
        all.push_back(Duplicate{stream, StreamVersion{n}, true});
        break;
      case Answer::duplicate_of_another:
        all.push_back(Duplicate{stream, StreamVersion{n}, false});
        break;
      case Answer::conflict:
        all.push_back(Conflict{stream, StreamVersion{n}});
        break;
      case Answer::claimed:
        if (n < 1 || static_cast<std::size_t>(n) > keys_.size()) return fail(Errc::corrupt, "The store names no key.");
        all.push_back(Claimed{std::next(keys_.begin(), n - 1)->first, stream});
        break;
      case Answer::fenced:
        all.push_back(Fenced{Epoch{n}});
        break;
      default:
        return fail(Errc::corrupt, "The store answers what this Edda does not know.");
    }
  }
  return all;
}

}  // namespace edda::postgres

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "ports/event_store.hpp"
#include "postgres/params.hpp"
#include "postgres/rows.hpp"

namespace edda::postgres {

/// Turns of the batch that stand: stored before, or by an earlier part of it.
using StandingTurns = std::unordered_map<TurnId, Appended>;

/// The parameters of append_turns (migrations/0003_append.sql says what they mean), and its answers.
/// Thread-safety: none. Lifetime: the turns stay until the parameters are taken.
class TurnBatch {
 public:
  TurnBatch(std::span<const Turn* const> turns, const StandingTurns& standing);

  static std::string call();  ///< SELECT ... FROM append_turns($1, ...)
  Params params() const;
  /// Errors: corrupt, when the answers are not those of this batch.
  Result<std::vector<TurnOutcome>> outcomes(const Rows& answers) const;

 private:
  using Index = std::int32_t;

  /// A key of the batch with what the first turn that wants it would store.
  struct FirstUse {
    StreamId stream;
    StreamVersion version;
    std::uint64_t fingerprint = 0;
    Index index = 0;
  };

  void collect_keys(std::span<const Turn* const> turns);
  void collect_shards(std::span<const Turn* const> turns);
  void add(const Turn& turn, const StandingTurns& standing);
  void add_events(const Turn& turn);
  void add_key(const Turn& turn);
  void add_rows(const Turn& turn);
  Index stream(StreamId id);
  Index node(std::string_view name);
  Index turns() const { return static_cast<Index>(turn_.id.size()); }

  std::vector<Index> shard_numbers_;
  std::map<ShardId, Index> shard_index_;
  std::vector<Uuid> streams_;
  std::unordered_map<StreamId, Index> stream_index_;
  std::map<Digest128, FirstUse> keys_;
  std::vector<std::string_view> nodes_;
  std::unordered_map<TurnId, Index> turn_index_;
  std::deque<std::string> made_;  // texts that no turn holds

  struct {
    std::vector<Uuid> id, correlation, causation;
    std::vector<Index> shard, node, same, key, key_stream, events_to, expected_to, after_to, claims_to;
    std::vector<Timestamp> at;
    std::vector<std::int64_t> epoch, key_version, fingerprint;
  } turn_;
  struct {
    std::vector<Index> turn, stream;
    std::vector<std::int64_t> version;
    std::vector<std::string_view> type, data;
  } event_;
  struct {
    std::vector<Index> stream;
    std::vector<std::int64_t> version;
  } expected_;
  std::vector<Index> after_;
  struct {
    std::vector<Index> key, stream;
  } claim_;
  struct {
    std::vector<Index> turn, stream;
    std::vector<Uuid> user, payment, saga;
    std::vector<std::string_view> status, currency;
    std::vector<std::int64_t> total, version;
  } order_;
  struct {
    std::vector<Index> turn, stream;
    std::vector<Uuid> order, user;
    std::vector<std::string_view> status, currency, external, failure;
    std::vector<std::int64_t> amount, refunded, version;
  } payment_;
  struct {
    std::vector<Index> turn, stream, definition_version;
    std::vector<Uuid> order, user;
    std::vector<std::string_view> definition, status, current_step, completed, compensation, error;
    std::vector<std::int64_t> version;
  } saga_;
  struct {
    std::vector<Index> turn, stream;
    std::vector<Uuid> merchant;
    std::vector<std::string_view> product, name;
    std::vector<bool> tracked;
    std::vector<std::int64_t> available, held, version;
  } product_;
};

}  // namespace edda::postgres

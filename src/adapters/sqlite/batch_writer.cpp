#include "sqlite/batch_writer.hpp"

#include <set>

#include "sqlite/place.hpp"
#include "sqlite/row_writer.hpp"

namespace edda::sqlite {
namespace {

std::optional<OrderStatus> parse_status(std::string_view name, OrderStatus) { return parse_order_status(name); }
std::optional<PaymentStatus> parse_status(std::string_view name, PaymentStatus) { return parse_payment_status(name); }
std::optional<SagaStatus> parse_status(std::string_view name, SagaStatus) { return parse_saga_status(name); }

}  // namespace

Result<void> BatchWriter::write() {
  for (const PassedTurn& passed : batch_.passed()) TRY_VOID(write_events(passed));
  TRY_VOID(write_keys());
  for (auto& [id, stream] : batch_.streams()) TRY_VOID(write_rows(stream));
  TRY_VOID(write_totals());
  return write_heads();
}

Result<void> BatchWriter::write_events(const PassedTurn& passed) {
  const Turn& turn = *passed.turn;
  std::int64_t place = place_of(turn.shard, passed.appended.first);
  for (const NewEvent& event : turn.events) {
    TRY_VOID(statements_.insert_event.run(place++, event.stream, event.version, event.type, passed.appended.at,
                                          turn.node, turn.id, turn.correlation, turn.causation, event.data));
    ++totals_[{"event", event.type}];
  }
  return {};
}

Result<void> BatchWriter::write_keys() {
  for (const auto& [key, stored] : batch_.new_keys()) {
    TRY_VOID(
        statements_.insert_key.run(key, stored.stream, stored.version, static_cast<std::int64_t>(stored.fingerprint)));
  }
  return {};
}

Result<void> BatchWriter::write_rows(StagedStream& stream) {
  if (stream.order != nullptr) return write_row(stream, statements_.order_status, "order", *stream.order);
  if (stream.payment != nullptr) return write_row(stream, statements_.payment_status, "payment", *stream.payment);
  if (stream.saga != nullptr) return write_row(stream, statements_.saga_status, "saga", *stream.saga);
  return {};
}

template <class Row>
Result<void> BatchWriter::write_row(StagedStream& stream, Statement& status, std::string_view kind, const Row& row) {
  TRY(const bool exists, change_status(stream.state, status, kind, row.id.value, row.status));
  RowWriter writer(statements_);
  return exists ? writer.update(row, stream.state.created_at, stream.updated_at)
                : writer.insert(row, stream.state.created_at, stream.updated_at);
}

template <class Status>
Result<bool> BatchWriter::change_status(StreamState& state, Statement& read, std::string_view kind, Uuid id,
                                        Status status) {
  if (state.row_status == StreamState::unknown_status) {
    Rows rows = read.query(state.created_at, id);
    TRY(const bool found, rows.next());
    const auto before = found ? parse_status(rows.text_view(0), status) : std::nullopt;
    if (found && !before) return fail(Errc::corrupt, "A read model holds a status that this Edda does not know.");
    state.row_status = before ? static_cast<std::uint8_t>(static_cast<int>(*before) + 1) : std::uint8_t{0};
  }
  const bool exists = state.row_status != 0;
  if (exists) --totals_[{kind, to_string(static_cast<Status>(state.row_status - 1))}];
  ++totals_[{kind, to_string(status)}];
  state.row_status = static_cast<std::uint8_t>(static_cast<int>(status) + 1);
  return exists;
}

Result<void> BatchWriter::write_totals() {
  for (const auto& [name, delta] : totals_) {
    if (delta != 0) TRY_VOID(statements_.add_total.run(name.first, name.second, delta));
  }
  return {};
}

Result<void> BatchWriter::write_heads() {
  std::set<ShardId> touched;
  for (const PassedTurn& passed : batch_.passed()) touched.insert(passed.turn->shard);
  for (const ShardId shard : touched) {
    const ShardHead& head = batch_.heads()[shard.value];
    TRY_VOID(statements_.update_shard.run(shard, head.last_pos, head.last_at));
  }
  return {};
}

}  // namespace edda::sqlite

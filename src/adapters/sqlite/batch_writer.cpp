#include "sqlite/batch_writer.hpp"

#include "sqlite/place.hpp"

namespace edda::sqlite {
namespace {

constexpr std::size_t usual_events = 5;  // of a turn

std::optional<OrderStatus> parse_status(std::string_view name, OrderStatus) { return parse_order_status(name); }
std::optional<PaymentStatus> parse_status(std::string_view name, PaymentStatus) { return parse_payment_status(name); }
std::optional<SagaStatus> parse_status(std::string_view name, SagaStatus) { return parse_saga_status(name); }

}  // namespace

Result<void> BatchWriter::write() {
  TRY_VOID(write_events());
  TRY_VOID(write_keys());
  for (StagedStream& stream : batch_.streams()) TRY_VOID(write_rows(stream));
  TRY_VOID(rows_.put(sagas_));
  TRY_VOID(write_totals());
  return write_heads();
}

Result<void> BatchWriter::write_events() {
  std::vector<PlacedEvent> placed;
  placed.reserve(batch_.passed().size() * usual_events);
  for (const PassedTurn& passed : batch_.passed()) {
    std::int64_t place = place_of(passed.turn->shard, passed.appended.first);
    for (const NewEvent& event : passed.turn->events) {
      placed.push_back({&event, &passed, place++});
      count("event", event.type, 1);
    }
  }
  std::span<const PlacedEvent> rest = placed;
  for (std::size_t size = 0; size < statements_.insert_events.size(); ++size) {
    const auto rows = static_cast<std::size_t>(WriteStatements::insert_events_rows[size]);
    for (; rest.size() >= rows; rest = rest.subspan(rows)) {
      TRY_VOID(write_at_once(statements_.insert_events[size], rest.first(rows)));
    }
  }
  return rest.empty() ? Result<void>() : write_at_once(statements_.insert_event, rest);
}

Result<void> BatchWriter::write_at_once(Statement& statement, std::span<const PlacedEvent> events) {
  int parameter = 1;
  for (const auto& [event, passed, place] : events) {
    const Turn& turn = *passed->turn;
    parameter = statement.bind_row(parameter, place, event->stream, event->version, event->type, passed->appended.at,
                                   turn.node, turn.id, turn.correlation, turn.causation, event->data);
  }
  return statement.run();
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
  if (stream.saga != nullptr) return collect(stream, *stream.saga);
  if (stream.product != nullptr) return rows_.put(*stream.product, stream.state.created_at, stream.updated_at);
  return {};
}

template <class Row>
Result<void> BatchWriter::write_row(StagedStream& stream, Statement& status, std::string_view kind, const Row& row) {
  TRY(const bool exists, change_status(stream.state, status, kind, row.id.value, row.status));
  return exists ? rows_.update(row, stream.state.created_at, stream.updated_at)
                : rows_.insert(row, stream.state.created_at, stream.updated_at);
}

Result<void> BatchWriter::collect(StagedStream& stream, const SagaRow& row) {
  TRY(const bool exists, change_status(stream.state, statements_.saga_status, "saga", row.id.value, row.status));
  sagas_.push_back({&row, stream.state.created_at, stream.updated_at, exists});
  return {};
}

template <class Status>
Result<bool> BatchWriter::change_status(StreamState& state, Statement& read, std::string_view kind, Uuid id,
                                        Status status) {
  if (state.row_status == StreamState::unknown_status) {
    Rows rows = read.look_up(state.created_at, id);
    TRY(const bool found, rows.next());
    const auto before = found ? parse_status(rows.text_view(0), status) : std::nullopt;
    if (found && !before) return fail(Errc::corrupt, "A read model holds a status that this Edda does not know.");
    state.row_status = before ? static_cast<std::uint8_t>(static_cast<int>(*before) + 1) : std::uint8_t{0};
  }
  const bool exists = state.row_status != 0;
  if (exists) count(kind, to_string(static_cast<Status>(state.row_status - 1)), -1);
  count(kind, to_string(status), 1);
  state.row_status = static_cast<std::uint8_t>(static_cast<int>(status) + 1);
  return exists;
}

// The names are literals, so that the same name is nearly always the same text in memory.
void BatchWriter::count(std::string_view kind, std::string_view name, std::int64_t delta) {
  for (Total& total : totals_) {
    if (total.name.data() == name.data() && total.kind == kind) {
      total.delta += delta;
      return;
    }
  }
  totals_.push_back({kind, name, delta});
}

Result<void> BatchWriter::write_totals() {
  for (const Total& total : totals_) {
    if (total.delta != 0) TRY_VOID(statements_.add_total.run(total.kind, total.name, total.delta));
  }
  return {};
}

Result<void> BatchWriter::write_heads() {
  std::vector<bool> written(batch_.heads().size());
  for (const PassedTurn& passed : batch_.passed()) {
    const ShardId shard = passed.turn->shard;
    if (written[shard.value]) continue;
    written[shard.value] = true;
    const ShardHead& head = batch_.heads()[shard.value];
    TRY_VOID(statements_.update_shard.run(shard, head.last_pos, head.last_at));
  }
  return {};
}

}  // namespace edda::sqlite

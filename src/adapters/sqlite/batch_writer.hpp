#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sqlite/batch.hpp"
#include "sqlite/row_writer.hpp"
#include "sqlite/write_statements.hpp"

namespace edda::sqlite {

/// Writes what a batch staged: events, keys, the last row of each stream, totals, the shards' heads.
class BatchWriter {
 public:
  BatchWriter(WriteStatements& statements, Batch& batch) : statements_(statements), rows_(statements), batch_(batch) {}

  /// Errors: of the database; the transaction must be rolled back.
  Result<void> write();

 private:
  struct PlacedEvent {
    const NewEvent* event;
    const PassedTurn* turn;
    std::int64_t place;
  };
  Result<void> write_events();
  Result<void> write_at_once(Statement& statement, std::span<const PlacedEvent> events);
  Result<void> write_keys();
  Result<void> write_rows(StagedStream& stream);
  template <class Row>
  Result<void> write_row(StagedStream& stream, Statement& status, std::string_view kind, const Row& row);
  Result<void> collect(StagedStream& stream, const SagaRow& row);
  void count(std::string_view kind, std::string_view name, std::int64_t delta);
  Result<void> write_totals();
  Result<void> write_heads();

  /// Reads which status the row has now, if the stream's state does not say, counts the change, and returns whether
  /// there is a row.
  template <class Status>
  Result<bool> change_status(StreamState& state, Statement& read, std::string_view kind, Uuid id, Status status);

  struct Total {
    std::string_view kind;
    std::string_view name;
    std::int64_t delta;
  };
  WriteStatements& statements_;
  RowWriter rows_;
  Batch& batch_;
  std::vector<SagaToPut> sagas_;
  std::vector<Total> totals_;  // a few dozen at most
};

}  // namespace edda::sqlite

#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "ports/event_store.hpp"
#include "ports/read_models.hpp"

namespace edda::maintenance {

/// Makes of a log's events the turns again that stored them. The rows of the views come along with the turn that wrote a stream's last
/// event, from the source's views: what a stream's row was before is of no use any more.
/// Thread-safety: none. Lifetime: the views outlive it; the events of a call outlive its turns.
class CopiedTurns {
 public:
  CopiedTurns(ReadModels& views, std::uint16_t shards) : views_(views), shards_(shards) {}

  /// The turns of whole turns' events. Errors: corrupt when a turn's streams are of several shards of the target.
  Task<Result<std::vector<Turn>>> make(const std::vector<RecordedEvent>& events, Deadline deadline);

 private:
  /// A stream's row as the source shows it; at most one is set.
  struct Final {
    std::optional<OrderRow> order;
    std::optional<PaymentRow> payment;
    std::optional<SagaRow> saga;
    std::optional<ProductRow> product;
    StreamVersion version;
  };

  Task<Result<void>> add_rows(Turn& turn, Deadline deadline);
  Task<Result<Final>> final_row(StreamId stream, Deadline deadline);

  ReadModels& views_;
  const std::uint16_t shards_;
  std::unordered_map<StreamId, Final> open_;  // streams of which more events follow
};

}  // namespace edda::maintenance

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "eventsourcing/event.hpp"
#include "ports/task.hpp"
#include "views/rows.hpp"

namespace edda {

/// The rows of one stream, folded from all of its events; at most one of them is set.
struct StreamRows {
  std::vector<OrderRow> orders;
  std::vector<PaymentRow> payments;
  std::vector<SagaRow> sagas;
  std::vector<ProductRow> products;
};

/// Folds one stream's events (versions 1..n) into its row. Pure; the application hands it to the store.
using StreamFold = std::function<Result<StreamRows>(const std::vector<RecordedEvent>& stream)>;

struct RebuildReport {
  std::int64_t streams = 0;
  std::int64_t events = 0;
  std::int64_t rows_changed = 0;  ///< rows in which the live views differed from the rebuilt ones
  std::vector<std::string> differences;  ///< the first of them, as "order_view <id>: ..." (at most 20)
};

/// Makes every row of the views what the log says while the store goes on serving (or, with `compare_only`, only compares). A row is a
/// function of one stream and is written with it, so streams are folded and compared one by one, and rows that differ are rewritten.
/// Thread-safety: callable from any thread; one at a time (already_exists otherwise).
class ViewRebuild {
 public:
  virtual ~ViewRebuild() = default;
  virtual Task<Result<RebuildReport>> rebuild_views(StreamFold fold, bool compare_only,
                                                    std::function<void(std::int64_t streams_done)> progress,
                                                    Deadline deadline) = 0;
};

}  // namespace edda

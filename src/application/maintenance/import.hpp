#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "maintenance/import_books.hpp"
#include "maintenance/import_story.hpp"
#include "ports/cursors.hpp"
#include "ports/event_store.hpp"
#include "ports/read_models.hpp"
#include "ports/replaced_system.hpp"
#include "ports/store_check.hpp"
#include "ports/users.hpp"

namespace edda::maintenance {

/// A store without orders, or with part of an import that was stopped. It may have users: `edda migrate` makes the first administrator.
struct ImportTarget {
  EventStore& log;
  ReadModels& views;
  UserStore& users;
  Cursors& cursors;
  StoreCheck& check;
};

struct ImportReport {
  bool resumed = false;  ///< an import into this store had begun before
  std::int64_t users = 0;
  std::int64_t orders = 0;
  std::int64_t keys = 0;    ///< idempotency keys
  std::int64_t parked = 0;  ///< sagas
  std::int64_t left_out = 0;
  std::vector<BookLine> lines;           ///< what was there and what it became
  std::vector<std::string> differences;  ///< nothing when all is well
};

/// Who is told while it goes on. Each row is told of once.
struct ImportListener {
  std::function<void(const LeftOut&)> left_out;
  std::function<void(const ParkedSaga&)> parked;
  std::function<void(std::string_view what, std::int64_t done)> progress;
};

/// Brings the replaced system's users, orders, payments, sagas and idempotency keys into a store, in the order of time, with their times;
/// then reads both sides again and compares counts and sums by status. What one row is stops no other.
///
/// Can be stopped and started again at any point: a turn's id follows from its order, so the store knows those that stand. A row that was
/// left out and has been put right comes in with a later run; its time is then that of the run before where that is later (R7). The target
/// must not be served before the import is done: taking a shard over fences it.
/// Errors: invalid_argument (reason "import_target": the target holds something else; "replaced_system"); cancelled ("fenced"); those of
/// the two stores.
Task<Result<ImportReport>> import_system(replaced::System& system, ImportTarget target, Currency currency, const ImportListener& listener,
                                         Deadline deadline);

}  // namespace edda::maintenance

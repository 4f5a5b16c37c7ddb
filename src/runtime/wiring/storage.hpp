#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "ports/cursors.hpp"
#include "ports/event_store.hpp"
#include "ports/feature_level.hpp"
#include "ports/log_news.hpp"
#include "ports/read_models.hpp"
#include "ports/shard_ownership.hpp"
#include "ports/store_check.hpp"
#include "ports/users.hpp"
#include "ports/view_rebuild.hpp"
#include "wiring/foundation.hpp"

namespace edda::wiring {

/// The store behind its ports, whichever it is. Nothing else in the program names one.
struct Storage {
  EventStore& events;
  ReadModels& views;
  UserStore& users;
  ViewRebuild& rebuild;
  StoreCheck& check;
  Cursors& cursors;
  ShardOwnership& ownership;
  FeatureLevel& level;

  boost::asio::any_io_executor lanes;  ///< where turns are decided and appended: one thread

  /// Other nodes write to it too, so that its logs must be watched and a lease be kept.
  bool is_shared = false;
  LogNews* news = nullptr;  ///< of what other nodes commit; null: nobody else does
  /// sqlite/backup.hpp; null: the store's server is backed up by its own means.
  std::function<Task<Result<std::int64_t>>(std::filesystem::path to, std::vector<std::filesystem::path> beside,
                                           std::function<void(std::int64_t)> progress, Deadline deadline)>
      copy_store = {};
  std::shared_ptr<void> behind = {};  ///< keeps alive what the ports are of
};

/// Opens the store that the configuration names. Errors: those of its adapter.
Task<Result<Storage>> open_storage(Foundation& base);

}  // namespace edda::wiring

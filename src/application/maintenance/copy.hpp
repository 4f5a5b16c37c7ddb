#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ports/crypto.hpp"
#include "ports/cursors.hpp"
#include "ports/event_store.hpp"
#include "ports/key_table.hpp"
#include "ports/read_models.hpp"
#include "ports/store_check.hpp"
#include "ports/users.hpp"
#include "ports/view_rebuild.hpp"

namespace edda::maintenance {

/// A store of one shard that nobody else has open.
struct CopySource {
  EventStore& log;
  ReadModels& views;
  UserStore& users;
  KeySource& keys;
};

/// A store that holds nothing, or part of the same source from a copy that was stopped.
struct CopyTarget {
  EventStore& log;
  UserStore& users;
  KeySink& keys;
  Cursors& cursors;
  ViewRebuild& rebuild;
  StoreCheck& check;
};

struct CopyReport {
  std::int64_t events = 0;
  std::int64_t keys = 0;
  std::int64_t users = 0;
  std::int64_t sessions = 0;
  std::int64_t audit = 0;
  bool resumed = false;                  ///< part of it had been copied before
  std::vector<std::string> differences;  ///< what the comparison at the end found, at most 20; nothing when all is well
};

/// Where the copy stands: "events", and how many.
using CopyProgress = std::function<void(std::string_view what, std::int64_t done)>;

/// Copies a store into one of any number of shards: every turn is appended as it was decided, to the shard of its streams, in the source's
/// order, with its time and its ids; positions are the target's. Then keys, users, sessions that have not expired, audit and the secrets
/// named; then both are read again and compared, event by event. The target has a generation of its own.
///
/// Can be stopped and started again at any point: turns know that they are stored, and a cursor of the target ("copy of <the source's
/// generation>") tells how far the log has been copied. The target must not be served: taking a shard over fences the copy.
/// Errors: invalid_argument when the source has several shards or the target holds something else (reason "copy_target"); cancelled
/// ("fenced") when somebody serves the target; corrupt; those of the stores.
Task<Result<CopyReport>> copy_store(CopySource source, CopyTarget target, std::vector<std::string> secrets,
                                    SecretRandom& random, Timestamp now, CopyProgress progress, Deadline deadline);

}  // namespace edda::maintenance

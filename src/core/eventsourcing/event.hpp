#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/timestamp.hpp"

namespace edda {

/// An event as a turn hands it to the store. `type` names a static string ("OrderCreated"); `data` is JSON text.
struct NewEvent {
  StreamId stream;
  StreamVersion version;
  std::string_view type;
  std::string data;
};

/// An event as it stands in the log. Never changed, never deleted.
struct RecordedEvent {
  ShardId shard;
  Position position;
  StreamId stream;
  StreamVersion version;
  std::string type;
  Timestamp at;                    ///< never runs backwards within a shard
  std::string node;                ///< the node that decided
  TurnId turn;                     ///< all events of one turn were stored together
  OrderId correlation;             ///< the order whose story this is
  std::optional<TurnId> causation; ///< the turn that led to this one; none for a client's request
  std::string data;
};

/// What only a newer release can have written: an event type, or a saga's definition, that this one does not know (R23). Corrupt, but
/// nothing is damaged: a node of that release reads it.
std::unexpected<Error> fail_newer_release(std::string message);
bool is_from_newer_release(const Error& error);

}  // namespace edda

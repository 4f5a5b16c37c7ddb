#pragma once

#include <functional>

#include "base/ids.hpp"
#include "ports/task.hpp"

namespace edda {

/// Tells the other nodes of a store how far a shard's log goes (R10), so that they need not wait until they look themselves. News are hints:
/// they may be lost, doubled or late, and several become one.
/// Thread-safety: callable from any thread.
class LogNews {
 public:
  virtual ~LogNews() = default;

  /// Called on a thread of the adapter's; it must not wait.
  using Listener = std::function<void(ShardId shard, Position end)>;
  /// Begins to hear what other nodes tell. Once.
  virtual void start(Listener listener) = 0;
  /// To all other nodes, soon. Returns at once, whether or not it can be told.
  virtual void tell(ShardId shard, Position end) = 0;
  /// Hears and tells no more: the listener is not called after this.
  virtual Task<void> stop() = 0;
};

}  // namespace edda

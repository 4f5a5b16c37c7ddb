#pragma once

#include <memory>
#include <string>

#include "ports/log_news.hpp"
#include "postgres/pool.hpp"

namespace edda::postgres {

struct NewsSettings {
  std::string node;  ///< unlike every other node's: what comes from it is not heard by it
  /// What is told within so long is told at once: a NOTIFY takes a lock of the whole server, so it is kept out of appends and seldom.
  std::chrono::milliseconds every{20};
  std::chrono::milliseconds reconnect_after{500};
};

/// News of the log by NOTIFY and LISTEN, the latter on a connection of its own, made anew when it is lost.
/// Thread-safety: callable from any thread. Lifetime: the pool outlives stop().
class PostgresLogNews final : public LogNews {
 public:
  PostgresLogNews(Pool& pool, NewsSettings settings);
  ~PostgresLogNews() override;

  void start(Listener listener) override;
  void tell(ShardId shard, Position end) override;
  Task<void> stop() override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace edda::postgres

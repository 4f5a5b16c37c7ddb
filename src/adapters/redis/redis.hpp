#pragma once

#include <memory>
#include <utility>

#include "redis/lock_service.hpp"
#include "redis/rate_limiter.hpp"

namespace edda::redis {

/// What a node has of a Redis server. Lifetime: what `open` is given outlives it; `client->stop()` has ended before it is destroyed.
struct Redis {
  /// `meanwhile` limits rates while the server is away. Errors: as Client::open.
  static Result<std::unique_ptr<Redis>> open(boost::asio::any_io_executor executor, Clock& clock, ClientSettings settings,
                                             RateLimiter& meanwhile) {
    TRY(auto client, Client::open(std::move(executor), clock, std::move(settings)));
    return std::make_unique<Redis>(std::move(client), meanwhile);
  }
  Redis(std::unique_ptr<Client> opened, RateLimiter& meanwhile)
      : client(std::move(opened)), locks(*client), limiter(*client, meanwhile) {}

  const std::unique_ptr<Client> client;
  RedisLockService locks;
  RedisRateLimiter limiter;
};

}  // namespace edda::redis

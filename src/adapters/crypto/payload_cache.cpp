#include "crypto/payload_cache.hpp"

#include <utility>

namespace edda::crypto {

std::optional<TokenPayload> PayloadCache::find(const Mac& mac) {
  const std::lock_guard lock(mutex_);
  if (const auto found = young_.find(mac); found != young_.end()) return found->second;
  const auto aged = old_.find(mac);
  if (aged == old_.end()) return std::nullopt;
  TokenPayload payload = std::move(aged->second);
  old_.erase(aged);
  return insert(mac, std::move(payload));
}

void PayloadCache::put(const Mac& mac, const TokenPayload& payload) {
  const std::lock_guard lock(mutex_);
  insert(mac, payload);
}

std::size_t PayloadCache::size() const {
  const std::lock_guard lock(mutex_);
  return young_.size() + old_.size();
}

TokenPayload& PayloadCache::insert(const Mac& mac, TokenPayload payload) {
  if (young_.size() >= generation_max_) {
    old_ = std::move(young_);
    young_.clear();
  }
  return young_.insert_or_assign(mac, std::move(payload)).first->second;
}

}  // namespace edda::crypto

#pragma once

#include <cstddef>
#include <cstring>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "crypto/hmac.hpp"
#include "crypto/token_payload.hpp"

namespace edda::crypto {

/// Payloads read lately, by the MAC of their token: to read one takes several times as long as to check its signature,
/// and clients send the same token for a day. Nothing is believed for being in here: the MAC was computed from the
/// token at hand, under our key. Two generations: when the young one has half of the room, it becomes old and the old
/// one goes. Thread-safety: callable from any thread.
class PayloadCache {
 public:
  explicit PayloadCache(std::size_t entries_max) : generation_max_(entries_max / 2) {}

  std::optional<TokenPayload> find(const Mac& mac);
  void put(const Mac& mac, const TokenPayload& payload);
  std::size_t size() const;

 private:
  struct Hash {
    // A MAC is as good as random in each of its bytes.
    std::size_t operator()(const Mac& mac) const noexcept {
      std::size_t hash;
      std::memcpy(&hash, mac.data(), sizeof hash);
      return hash;
    }
  };
  using Table = std::unordered_map<Mac, TokenPayload, Hash>;
  TokenPayload& insert(const Mac& mac, TokenPayload payload);

  const std::size_t generation_max_;
  mutable std::mutex mutex_;
  Table young_;
  Table old_;
};

}  // namespace edda::crypto

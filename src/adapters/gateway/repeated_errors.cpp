#include "gateway/repeated_errors.hpp"

#include <array>

namespace edda::gateway {

bool RepeatedErrors::repeats(const std::string& key, const HttpReply& reply) {
  const std::string status = std::to_string(reply.status);
  const std::array<std::string_view, 2> parts{status, reply.body};
  const Digest128 digest = digest128(parts);
  const std::lock_guard lock(mutex_);
  const auto [place, is_new] = last_.try_emplace(key, digest);
  if (!is_new) {
    const bool same = place->second == digest;
    place->second = digest;
    return same;
  }
  oldest_first_.push_back(key);
  if (oldest_first_.size() > keys_max_) {
    last_.erase(oldest_first_.front());
    oldest_first_.pop_front();
  }
  return false;
}

}  // namespace edda::gateway

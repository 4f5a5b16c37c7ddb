#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/digest.hpp"
#include "gateway/http_client.hpp"

namespace edda::gateway {

/// Tells a gateway that is down from one that replays a stored error: the same answer, to the byte, twice under one key (R21). What it
/// forgets when it is full, or with the process, costs nothing but a step that is called failed once more.
/// Thread-safety: callable from any thread.
class RepeatedErrors {
 public:
  explicit RepeatedErrors(std::size_t keys_max = 20'000) : keys_max_(keys_max) {}

  /// Remembers this answer as the key's last; true if it was that already.
  bool repeats(const std::string& key, const HttpReply& reply);

 private:
  const std::size_t keys_max_;
  std::mutex mutex_;
  std::unordered_map<std::string, Digest128> last_;
  std::deque<std::string> oldest_first_;
};

}  // namespace edda::gateway

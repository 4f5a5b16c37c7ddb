#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

struct evp_mac_ctx_st;

namespace edda::crypto {

using Mac = std::array<std::uint8_t, 32>;

/// HMAC-SHA-256 under one key. The key is set up once; a MAC then costs its hashing.
/// Thread-safety: callable from any thread, one at a time.
class Hmac {
 public:
  explicit Hmac(std::string_view key);
  ~Hmac();

  Mac mac(std::string_view text);

 private:
  struct Free {
    void operator()(evp_mac_ctx_st* context) const;
  };
  std::mutex mutex_;
  std::unique_ptr<evp_mac_ctx_st, Free> context_;
};

/// In a time that does not depend on where they differ.
bool equal_in_constant_time(const Mac& expected, std::string_view given);

}  // namespace edda::crypto

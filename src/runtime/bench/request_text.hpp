#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace edda::bench {

/// A request as it goes over the wire; only the idempotency key changes from one sending to the next.
class RequestText {
 public:
  /// POST /v1/orders of one item. `product` needs no escaping.
  static RequestText place_order(std::string_view token, std::string_view product = "BOOK-1");
  /// GET; an empty token sends none.
  static RequestText get(std::string_view target, std::string_view token);

  /// Puts a fresh random UUID into the place of the key, if there is one.
  void renew_key(std::mt19937_64& random);
  std::string_view text() const { return text_; }

 private:
  std::string text_;
  std::size_t key_at_ = std::string::npos;
};

}  // namespace edda::bench

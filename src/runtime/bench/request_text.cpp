#include "bench/request_text.hpp"

#include <fmt/format.h>

namespace edda::bench {
namespace {

constexpr std::string_view blank_key = "00000000-0000-4000-8000-000000000000";
constexpr auto order_body =
    R"({{"items":[{{"product_id":"{}","product_name":"A book about orders","quantity":2,)"
    R"("price":{{"amount":1999,"currency":"USD"}}}}],"shipping_address":"12 Main Street, 10115 Berlin"}})";

}  // namespace

RequestText RequestText::place_order(std::string_view token, std::string_view product) {
  const std::string body = fmt::format(order_body, product);
  RequestText request;
  request.text_ = fmt::format(
      "POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n"
      "Idempotency-Key: {}\r\nContent-Length: {}\r\n\r\n{}",
      token, blank_key, body.size(), body);
  request.key_at_ = request.text_.find(blank_key);
  return request;
}

RequestText RequestText::get(std::string_view target, std::string_view token) {
  RequestText request;
  const std::string authorization = token.empty() ? "" : fmt::format("Authorization: Bearer {}\r\n", token);
  request.text_ = fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", target, authorization);
  return request;
}

void RequestText::renew_key(std::mt19937_64& random) {
  if (key_at_ == std::string::npos) return;
  constexpr std::string_view digits = "0123456789abcdef";
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < blank_key.size(); ++i) {
    if (i % 16 == 0) bits = random();
    // The dashes, the version and the variant stay.
    if (blank_key[i] == '0') text_[key_at_ + i] = digits[bits & 15];
    bits >>= 4;
  }
}

}  // namespace edda::bench

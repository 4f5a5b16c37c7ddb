#pragma once

#include <expected>

#include "http/message.hpp"
#include "http/routes/v1_body.hpp"
#include "orders/order_service.hpp"

namespace edda::http::v1 {

inline constexpr std::size_t order_items_max = 1'000;
inline constexpr std::int64_t item_quantity_max = 1'000'000;
inline constexpr std::size_t name_characters_max = 255;
inline constexpr std::size_t address_characters_max = 500;

/// Everything of a new order that its body tells. The other side is the answer: 400 or 422 with what is wrong.
std::expected<orders::NewOrder, Response> read_new_order(const Request& request, const JsonValue& body);

}  // namespace edda::http::v1

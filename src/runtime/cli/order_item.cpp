#include "cli/order_item.hpp"

#include <fmt/format.h>

#include <charconv>

namespace edda::cli {
namespace {

constexpr std::string_view price_default = "10";

std::unexpected<Error> wrong(std::string_view text, std::string_view what) {
  return fail(Errc::invalid_argument,
              fmt::format("\"{}\": {}; write PRODUCT[:QUANTITY[:PRICE]], as in BOOK-1:2:19.99", text, what), "--item");
}

}  // namespace

Result<OrderItem> parse_item(std::string_view text, std::string_view currency) {
  const auto known = parse_currency(currency);
  if (!known) return fail(Errc::invalid_argument, "wants three capital letters, as in USD", "--currency");
  std::string_view product = text;
  std::string_view quantity = "1";
  std::string_view price = price_default;
  if (const auto last = text.rfind(':'); last != std::string_view::npos) {
    const auto before = last == 0 ? std::string_view::npos : text.rfind(':', last - 1);
    product = text.substr(0, before == std::string_view::npos ? last : before);
    quantity = before == std::string_view::npos ? text.substr(last + 1) : text.substr(before + 1, last - before - 1);
    if (before != std::string_view::npos) price = text.substr(last + 1);
  }
  OrderItem item{std::string(product), 0, {}};
  if (product.empty()) return wrong(text, "the product is missing");
  const auto [end, error] = std::from_chars(quantity.data(), quantity.data() + quantity.size(), item.quantity);
  if (error != std::errc{} || end != quantity.data() + quantity.size() || item.quantity < 1) {
    return wrong(text, fmt::format("\"{}\" is no quantity", quantity));
  }
  const auto money = parse_major(price, *known);
  if (!money || money->minor < 0) return wrong(text, fmt::format("\"{}\" is no price in {}", price, currency));
  item.price = *money;
  return item;
}

}  // namespace edda::cli

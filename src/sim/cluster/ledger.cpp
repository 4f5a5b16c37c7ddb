#include "cluster/ledger.hpp"

#include <fmt/format.h>

#include <charconv>

namespace edda::sim {
namespace {

constexpr std::string_view prefix = "wish ";

}  // namespace

std::string address_of(std::size_t wish) { return fmt::format("{}{}", prefix, wish); }

std::string reason_of(std::size_t act) { return fmt::format("act {}", act); }

std::size_t wish_of(std::string_view address) {
  std::size_t number = 0;
  if (!address.starts_with(prefix)) return 0;
  address.remove_prefix(prefix.size());
  const auto [end, error] = std::from_chars(address.data(), address.data() + address.size(), number);
  return error == std::errc() && end == address.data() + address.size() ? number : 0;
}

}  // namespace edda::sim

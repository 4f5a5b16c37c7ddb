#include "http/client_address.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace edda::http {

namespace ip = boost::asio::ip;

namespace {

constexpr unsigned mapped_bits = 96;  // ::ffff:0:0/96 holds IPv4

ip::address_v6 as_v6(const ip::address& address) {
  return address.is_v4() ? ip::make_address_v6(ip::v4_mapped, address.to_v4()) : address.to_v6();
}

bool same_prefix(const ip::address_v6& a, const ip::address_v6& b, unsigned bits) {
  const auto x = a.to_bytes();
  const auto y = b.to_bytes();
  for (unsigned i = 0; i < bits; ++i) {
    const unsigned mask = 0x80U >> (i % 8);
    if ((x[i / 8] & mask) != (y[i / 8] & mask)) return false;
  }
  return true;
}

std::optional<ip::address> parse_address(std::string_view text) {
  boost::system::error_code ec;
  const ip::address address = ip::make_address(text, ec);
  return ec ? std::nullopt : std::optional(address);
}

// The last entry of a comma-separated list, which is cut off.
std::string_view take_last(std::string_view& list) {
  const std::size_t comma = list.rfind(',');
  std::string_view entry = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
  while (entry.starts_with(' ')) entry.remove_prefix(1);
  while (entry.ends_with(' ')) entry.remove_suffix(1);
  return entry;
}

}  // namespace

std::string plain_text(const ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

Result<TrustedProxies> TrustedProxies::parse(std::span<const std::string> texts) {
  TrustedProxies proxies;
  for (const std::string& text : texts) {
    const std::size_t slash = text.find('/');
    const auto address = parse_address(std::string_view(text).substr(0, slash));
    const unsigned width = address && address->is_v4() ? 32 : 128;
    unsigned bits = width;
    bool good = address.has_value();
    if (good && slash != std::string::npos) {
      const char* end = text.data() + text.size();
      const auto [parsed, error] = std::from_chars(text.data() + slash + 1, end, bits);
      good = error == std::errc{} && parsed == end && bits <= width;
    }
    if (!good)
      return fail(Errc::invalid_argument, fmt::format("'{}' is neither an address nor a block like 10.0.0.0/8.", text));
    proxies.blocks_.push_back({.network = as_v6(*address), .prefix_bits = width == 32 ? bits + mapped_bits : bits});
  }
  return proxies;
}

bool TrustedProxies::contains(const ip::address& address) const {
  const ip::address_v6 v6 = as_v6(address);
  for (const Block& block : blocks_) {
    if (same_prefix(block.network, v6, block.prefix_bits)) return true;
  }
  return false;
}

std::string TrustedProxies::client_of(const ip::address& peer, std::string_view forwarded_for) const {
  ip::address client = peer;
  while (contains(client) && !forwarded_for.empty()) {
    const auto next = parse_address(take_last(forwarded_for));
    if (!next) break;
    client = *next;
  }
  return plain_text(client);
}

}  // namespace edda::http

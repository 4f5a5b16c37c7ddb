#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace edda::http {

/// Addresses and blocks whose X-Forwarded-For is believed. IPv4 addresses in their IPv6 form count as IPv4.
class TrustedProxies {
 public:
  /// Each text is "10.0.0.7", "10.0.0.0/8", "::1" or "fd00::/8". Errors: invalid_argument.
  static Result<TrustedProxies> parse(std::span<const std::string> texts);

  bool contains(const boost::asio::ip::address& address) const;

  /// Whose request this is: the peer; or, behind trusted proxies, the last address of X-Forwarded-For that is no
  /// trusted proxy (those before it are the client's own claims). An entry that is no address ends the search at the
  /// last good one.
  std::string client_of(const boost::asio::ip::address& peer, std::string_view forwarded_for) const;

 private:
  struct Block {
    boost::asio::ip::address_v6 network;
    unsigned prefix_bits = 128;
  };
  std::vector<Block> blocks_;
};

/// The address as text, IPv4 in its own form.
std::string plain_text(const boost::asio::ip::address& address);

}  // namespace edda::http

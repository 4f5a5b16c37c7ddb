#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ports/event_store.hpp"

namespace edda::orders {

/// The idempotency record a client asks for: its own key within (principal, route), and a fingerprint of the request.
struct ClientKey {
  std::string principal;
  std::string route;
  std::string key;
  std::uint64_t fingerprint = 0;
};
/// Of the request's body, as it came.
std::uint64_t fingerprint_of(std::string_view body);

/// As the store keeps it; where its turn stands is the lane's to fill in.
CommandKey command_key(const ClientKey& client);

/// The claim of a key that one order holds for ever: the unversioned routes' idempotency keys.
Digest128 order_key_claim(std::string_view key);
/// The claim by which the replaced system's id of a payment or saga names the stream that has it now.
Digest128 alias_claim(std::string_view replaced_id);

}  // namespace edda::orders

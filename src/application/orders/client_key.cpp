#include "orders/client_key.hpp"

#include <array>

#include "base/digest.hpp"

namespace edda::orders {
namespace {

Digest128 claim_digest(std::string_view scope, std::string_view key) {
  const std::array<std::string_view, 2> parts{scope, key};
  return digest128(parts);
}

}  // namespace

std::uint64_t fingerprint_of(std::string_view body) {
  const std::array<std::string_view, 1> parts{body};
  const Digest128 digest = digest128(parts);
  std::uint64_t fingerprint = 0;
  for (std::size_t i = 0; i < 8; ++i) fingerprint = (fingerprint << 8) | digest[i];
  return fingerprint >> 1;  // stores keep it as a signed 64-bit integer
}

CommandKey command_key(const ClientKey& client) {
  const std::array<std::string_view, 4> parts{"command", client.principal, client.route, client.key};
  return CommandKey{digest128(parts), client.fingerprint, {}, {}};
}

Digest128 order_key_claim(std::string_view key) { return claim_digest("order-key", key); }
Digest128 alias_claim(std::string_view replaced_id) { return claim_digest("alias", replaced_id); }

}  // namespace edda::orders

#include "crypto/hmac.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/assert.hpp"

namespace edda::crypto {

void Hmac::Free::operator()(evp_mac_ctx_st* context) const { EVP_MAC_CTX_free(context); }

Hmac::Hmac(std::string_view key) {
  EVP_MAC* algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EDDA_ASSERT(algorithm != nullptr);
  context_.reset(EVP_MAC_CTX_new(algorithm));
  EVP_MAC_free(algorithm);
  EDDA_ASSERT(context_ != nullptr);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0), OSSL_PARAM_construct_end()};
  EDDA_ASSERT(
      EVP_MAC_init(context_.get(), reinterpret_cast<const unsigned char*>(key.data()), key.size(), parameters) == 1);
}

Hmac::~Hmac() = default;

Mac Hmac::mac(std::string_view text) {
  Mac result;
  std::size_t length = 0;
  const std::lock_guard lock(mutex_);
  // Without a key it starts over under the one it has.
  EDDA_ASSERT(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1);
  EDDA_ASSERT(EVP_MAC_update(context_.get(), reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1);
  EDDA_ASSERT(EVP_MAC_final(context_.get(), result.data(), &length, result.size()) == 1 && length == result.size());
  return result;
}

bool equal_in_constant_time(const Mac& expected, std::string_view given) {
  return given.size() == expected.size() && CRYPTO_memcmp(expected.data(), given.data(), expected.size()) == 0;
}

}  // namespace edda::crypto

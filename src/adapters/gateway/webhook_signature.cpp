#include "gateway/webhook_signature.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include "base/assert.hpp"
#include "base/digest.hpp"

namespace edda::gateway {
namespace {

constexpr std::size_t signatures_max = 4;

std::string mac_of(std::string_view secret, std::string_view time, std::string_view body) {
  const std::string text = fmt::format("{}.{}", time, body);
  std::array<std::uint8_t, 32> mac{};
  unsigned length = 0;
  const auto* done = HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &length);
  EDDA_ASSERT(done != nullptr && length == mac.size());
  return to_hex(mac);
}

bool equal_in_constant_time(std::string_view expected, std::string_view given) {
  return expected.size() == given.size() && CRYPTO_memcmp(expected.data(), given.data(), expected.size()) == 0;
}

struct Parts {
  std::string_view time;
  std::vector<std::string_view> signatures;
};

Parts split(std::string_view signature) {
  Parts parts;
  while (!signature.empty()) {
    const std::string_view part = signature.substr(0, signature.find(','));
    signature.remove_prefix(std::min(signature.size(), part.size() + 1));
    if (part.starts_with("t=")) parts.time = part.substr(2);
    if (part.starts_with("v1=") && parts.signatures.size() < signatures_max) parts.signatures.push_back(part.substr(3));
  }
  return parts;
}

std::optional<std::chrono::seconds> seconds_of(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || count < 0 || count > 100'000'000'000) return std::nullopt;
  return std::chrono::seconds(count);
}

}  // namespace

std::string sign_webhook(std::string_view secret, Timestamp at, std::string_view body) {
  const auto time = fmt::format("{}", std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count());
  return fmt::format("t={},v1={}", time, mac_of(secret, time, body));
}

Result<void> verify_webhook(std::string_view secret, std::string_view signature, std::string_view body, Timestamp now) {
  const Parts parts = split(signature);
  const auto signed_at = seconds_of(parts.time);
  if (secret.empty() || !signed_at || parts.signatures.empty())
    return fail(Errc::unauthenticated, "The webhook is not signed as it must be.", "Edda-Signature");
  const std::string expected = mac_of(secret, parts.time, body);
  bool holds = false;
  for (const std::string_view given : parts.signatures) holds = equal_in_constant_time(expected, given) || holds;
  if (!holds) return fail(Errc::unauthenticated, "The webhook's signature does not hold.", "Edda-Signature");
  const auto apart = std::chrono::abs(now.time_since_epoch() - *signed_at);
  if (apart > webhook_tolerance)
    return fail(Errc::unauthenticated, "The webhook was signed too long ago, or by a clock that is wrong.", "Edda-Signature");
  return {};
}

}  // namespace edda::gateway

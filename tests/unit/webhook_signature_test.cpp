#include "gateway/webhook_signature.hpp"

#include <gtest/gtest.h>

namespace edda::gateway {
namespace {

using std::chrono::seconds;

constexpr std::string_view secret = "whsec-0123456789";
constexpr std::string_view body = R"({"id":"evt_1"})";
constexpr Timestamp now{seconds(1'795'000'000)};

bool holds(std::string_view signature, Timestamp at = now, std::string_view of = body, std::string_view with = secret) {
  return verify_webhook(with, signature, of, at).has_value();
}

// Made by: printf '%s' '1795000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec-0123456789
constexpr std::string_view made_by_openssl =
    "t=1795000000,v1=f49c841bb8575ac12c2d1c130fc6299666e0b2a07ca16b586f11a71e7215b4b8";

TEST(UnitWebhookSignature, IsWhatOpensslMakes) { EXPECT_EQ(sign_webhook(secret, now, body), made_by_openssl); }

TEST(UnitWebhookSignature, HoldsForItsBodyItsTimeAndItsSecretOnly) {
  const std::string signature = sign_webhook(secret, now, body);
  EXPECT_TRUE(holds(signature));
  EXPECT_FALSE(holds(signature, now, R"({"id":"evt_2"})"));
  EXPECT_FALSE(holds(signature, now, body, "another-secret"));
  EXPECT_FALSE(holds("t=1795000001" + signature.substr(12))) << "the time is signed too";
  EXPECT_FALSE(holds(signature, now, body, "")) << "without a secret nothing holds";
  EXPECT_FALSE(verify_webhook("", sign_webhook("", now, body), body, now));
}

TEST(UnitWebhookSignature, IsGoodForFiveMinutesBothWays) {
  const std::string signature = sign_webhook(secret, now, body);
  EXPECT_TRUE(holds(signature, now + seconds(300)));
  EXPECT_TRUE(holds(signature, now - seconds(300)));
  EXPECT_FALSE(holds(signature, now + seconds(301)));
  EXPECT_FALSE(holds(signature, now - seconds(301)));
}

TEST(UnitWebhookSignature, OneOfSeveralIsEnough) {
  const std::string signature = sign_webhook(secret, now, body);
  const std::string other = sign_webhook("the-old-secret", now, body);
  EXPECT_TRUE(holds(signature + other.substr(other.find(','))));
  EXPECT_TRUE(holds(other + signature.substr(signature.find(','))));
}

TEST(UnitWebhookSignature, RefusesWhatIsNoSignature) {
  const std::string mac = sign_webhook(secret, now, body).substr(13);
  const std::vector<std::string> wrongs{"",           "t=",           "t=1795000000",     mac,
                                        "t=x," + mac, "t=-1," + mac,  "t=99999999999999999999," + mac,
                                        ",,,,",       "t=1795000000,v1=", "t=1795000000,v0" + mac.substr(2),
                                        std::string(10'000, ',')};
  for (const auto& wrong : wrongs)
    EXPECT_FALSE(holds(wrong)) << wrong.substr(0, 100);
}

}  // namespace
}  // namespace edda::gateway

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "crypto/base64url.hpp"
#include "crypto/hmac.hpp"
#include "crypto/token_signer.hpp"

namespace edda::crypto {
namespace {

constexpr Timestamp now{std::chrono::seconds(1'800'000'000)};
constexpr const char* access_secret = "access-secret-access-secret-access";
constexpr const char* refresh_secret = "refresh-secret-refresh-secret-refr";

JwtSigner make_signer(bool accept_legacy = false) {
  return JwtSigner({.access_secret = access_secret, .refresh_secret = refresh_secret, .accept_legacy = accept_legacy});
}

TokenClaims make_claims(TokenKind kind = TokenKind::access) {
  TokenClaims claims{.kind = kind,
                     .user = *parse_id<UserId>("0190163d-8694-739b-aea5-966c26f8ad91"),
                     .email = "kim@example.com",
                     .role = Role::operator_,
                     .generation = 4,
                     .session = *parse_id<SessionId>("0190163d-8694-739b-aea5-966c26f8ad92"),
                     .issued_at = now,
                     .expires_at = now + std::chrono::hours(24)};
  if (kind == TokenKind::refresh) claims.id = *parse_id<TokenId>("0190163d-8694-739b-aea5-966c26f8ad93");
  return claims;
}

/// A token of any header and payload, rightly signed.
std::string forge(std::string_view header, std::string_view payload, const char* secret = access_secret) {
  const std::string text = to_base64url(header) + "." + to_base64url(payload);
  const Mac mac = Hmac(secret).mac(text);
  return text + "." + to_base64url({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

constexpr std::string_view good_header = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::string_view good_payload =
    R"({"sub":"0190163d-8694-739b-aea5-966c26f8ad91","email":"a@b.co","role":"customer","iat":1800000000,"exp":1800000100,)"
    R"("iss":"edda","aud":"edda-api","typ":"access","gen":0,"sid":"0190163d-8694-739b-aea5-966c26f8ad92"})";
constexpr std::string_view legacy_payload =
    R"({"sub":"0190163d-8694-739b-aea5-966c26f8ad91","email":"a@b.co","role":"customer","iat":1800000000,"exp":1800000100})";

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string result(text);
  const auto at = result.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return result.replace(at, what.size(), by);
}

void expect_refused(JwtSigner& signer, const std::string& token, TokenKind kind = TokenKind::access,
                    Timestamp at = now) {
  const auto result = signer.verify(token, kind, at);
  ASSERT_FALSE(result) << token;
  EXPECT_EQ(result.error().code, Errc::unauthenticated);
  EXPECT_EQ(result.error().message, "Unauthorized");
}

TEST(UnitCryptoToken, SaysWhatWasSigned) {
  auto signer = make_signer();
  for (const TokenKind kind : {TokenKind::access, TokenKind::refresh}) {
    const auto claims = make_claims(kind);
    const auto verified = signer.verify(signer.sign(claims), kind, now);
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->kind, kind);
    EXPECT_EQ(verified->user, claims.user);
    EXPECT_EQ(verified->email, claims.email);
    EXPECT_EQ(verified->role, claims.role);
    EXPECT_EQ(verified->generation, 4);
    EXPECT_EQ(verified->session, claims.session);
    EXPECT_EQ(verified->id, claims.id);
    EXPECT_EQ(verified->issued_at, claims.issued_at);
    EXPECT_EQ(verified->expires_at, claims.expires_at);
  }
}

// RFC 7515 appendix A.1, whose key is 64 bytes of base64url.
TEST(UnitCryptoToken, ComputesTheRfcExample) {
  const auto key =
      from_base64url("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  const Mac mac = Hmac(*key).mac(
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19"
      "yb290Ijp0cnVlfQ");
  EXPECT_EQ(to_base64url({reinterpret_cast<const char*>(mac.data()), mac.size()}),
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

TEST(UnitCryptoToken, RefusesOtherAlgorithmsAndHeaders) {
  auto signer = make_signer();
  ASSERT_TRUE(signer.verify(forge(good_header, good_payload), TokenKind::access, now));
  ASSERT_TRUE(signer.verify(forge(R"({ "typ":"JWT", "alg":"HS256" })", good_payload), TokenKind::access, now));
  for (const char* header :
       {R"({"alg":"none"})", R"({"alg":"None","typ":"JWT"})", R"({"alg":"RS256","typ":"JWT"})",
        R"({"alg":"HS512","typ":"JWT"})", R"({"alg":"hs256"})", R"({"typ":"JWT"})", R"({"alg":null})", R"(["HS256"])",
        R"({"alg":"HS256","typ":"at+jwt"})", R"({"alg":"HS256","typ":"JWT","kid":"../../etc/passwd"})",
        R"({"alg":"HS256","kid":"1' OR 1=1"})", R"({"alg":"HS256","jku":"http://127.0.0.1/"})",
        R"({"alg":"HS256","x5u":"http://127.0.0.1/"})", R"({"alg":"HS256","jwk":{"kty":"oct","k":"AA"}})",
        R"({"alg":"HS256","crit":["exp"]})", R"()", R"({)"}) {
    expect_refused(signer, forge(header, good_payload));
  }
}

TEST(UnitCryptoToken, RefusesAMissingOrEmptySignature) {
  auto signer = make_signer();
  const std::string token = forge(good_header, good_payload);
  const std::string unsigned_part = token.substr(0, token.rfind('.'));
  for (const std::string& text :
       {unsigned_part, unsigned_part + ".", std::string(), std::string("."), std::string(".."), std::string("..."),
        token + ".", token + "." + token, token + "=", " " + token, token + "\n",
        to_base64url(R"({"alg":"none"})") + "." + to_base64url(good_payload) + "."}) {
    expect_refused(signer, text);
  }
}

TEST(UnitCryptoToken, RefusesAForeignKeyIssuerAudienceOrKind) {
  auto signer = make_signer(true);
  expect_refused(signer, forge(good_header, good_payload, "another-secret-another-secret-ano"));
  expect_refused(signer, forge(good_header, good_payload, refresh_secret));
  expect_refused(signer, forge(good_header, replaced(good_payload, "edda-api", "other-api")));
  expect_refused(signer, forge(good_header, replaced(good_payload, R"("iss":"edda")", R"("iss":"evil")")));
  expect_refused(signer, forge(good_header, replaced(good_payload, R"("iss":"edda",)", "")));
  expect_refused(signer, forge(good_header, replaced(good_payload, R"("typ":"access")", R"("typ":"id")")));
  expect_refused(signer, forge(good_header, replaced(good_payload, R"("typ":"access",)", "")));
  expect_refused(signer, forge(good_header, replaced(good_payload, R"("gen":0)", R"("gen":"0")")));
}

TEST(UnitCryptoToken, RefreshAndAccessTokensAreNotEachOther) {
  // One secret for both, as a careless deployment has it.
  JwtSigner signer({.access_secret = access_secret, .refresh_secret = access_secret});
  expect_refused(signer, signer.sign(make_claims(TokenKind::refresh)), TokenKind::access);
  expect_refused(signer, signer.sign(make_claims(TokenKind::access)), TokenKind::refresh);
}

TEST(UnitCryptoToken, HoldsForItsTimeOnly) {
  auto signer = make_signer();
  const std::string token = forge(good_header, good_payload);
  EXPECT_TRUE(signer.verify(token, TokenKind::access, now + std::chrono::seconds(99)));
  expect_refused(signer, token, TokenKind::access, now + std::chrono::seconds(100));
  EXPECT_TRUE(signer.verify(token, TokenKind::access, now - std::chrono::seconds(30)));
  expect_refused(signer, token, TokenKind::access, now - std::chrono::seconds(31));
  expect_refused(signer, forge(good_header, replaced(good_payload, R"("gen")", R"("nbf":1800000031,"gen")")));
  EXPECT_TRUE(signer.verify(forge(good_header, replaced(good_payload, R"("gen")", R"("nbf":1800000030,"gen")")),
                            TokenKind::access, now));
}

TEST(UnitCryptoToken, JudgesATokenSeenBeforeAnew) {
  auto signer = make_signer();
  const std::string token = forge(good_header, good_payload);
  const auto first = signer.verify(token, TokenKind::access, now);
  const auto second = signer.verify(token, TokenKind::access, now);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->email, second->email);
  EXPECT_EQ(first->session, second->session);
  expect_refused(signer, token, TokenKind::access, now + std::chrono::seconds(100));
  expect_refused(signer, token, TokenKind::refresh);
  expect_refused(signer, token.substr(0, token.size() - 1));
  const std::string empty_header = "." + token.substr(token.find('.') + 1);
  expect_refused(signer, empty_header);
}

TEST(UnitCryptoToken, RemembersABoundedNumberOfPayloads) {
  PayloadCache cache(8);
  for (std::uint8_t i = 0; i < 100; ++i) {
    cache.put(Mac{i}, {});
    ASSERT_LE(cache.size(), 8U);
  }
  EXPECT_TRUE(cache.find(Mac{99}));
  EXPECT_FALSE(cache.find(Mac{1}));
}

TEST(UnitCryptoToken, RefusesClaimsOfAnotherShape) {
  auto signer = make_signer(true);
  for (const auto& [what, by] :
       std::initializer_list<std::pair<const char*, const char*>>{{R"("exp":1800000100,)", ""},
                                                                  {"1800000100", R"("1800000100")"},
                                                                  {"1800000100", "1e300"},
                                                                  {"1800000100", "1800000100.5"},
                                                                  {"1800000100", "9223372036854775807"},
                                                                  {"1800000000", "-1"},
                                                                  {"customer", "root"},
                                                                  {"0190163d-8694-739b-aea5-966c26f8ad91", "1"},
                                                                  {R"("email":"a@b.co")", R"("email":7)"},
                                                                  {R"("gen")", R"("nbf":"x","gen")"}}) {
    expect_refused(signer, forge(good_header, replaced(good_payload, what, by)));
  }
  expect_refused(signer, forge(good_header, "null"));
  expect_refused(signer, forge(good_header, "{"));
  expect_refused(signer, forge(good_header, std::string(4000, ' ') + std::string(good_payload)));
}

TEST(UnitCryptoToken, AcceptsTheReplacedSystemsTokensWhenToldTo) {
  const std::string token = forge(good_header, legacy_payload);
  auto strict = make_signer();
  expect_refused(strict, token);
  auto lenient = make_signer(true);
  const auto claims = lenient.verify(token, TokenKind::access, now);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->email, "a@b.co");
  EXPECT_TRUE(claims->session.is_nil());
  expect_refused(lenient, token, TokenKind::access, now + std::chrono::seconds(100));
  expect_refused(lenient, forge(good_header, legacy_payload, refresh_secret), TokenKind::refresh);
}

RC_GTEST_PROP(UnitCryptoToken, AnyFlippedByteIsRefused, ()) {
  static auto signer = make_signer(true);
  static const std::string good = signer.sign(make_claims());
  std::string token = good;
  const auto at = *rc::gen::inRange<std::size_t>(0, token.size());
  const auto by = *rc::gen::suchThat(rc::gen::arbitrary<char>(), [&](char c) { return c != good[at]; });
  token[at] = by;
  RC_ASSERT(!signer.verify(token, TokenKind::access, now));
}

TEST(UnitCryptoToken, NoOtherTextHasTheSameSignature) {
  auto signer = make_signer();
  const std::string good = signer.sign(make_claims());
  // The last character of 43 carries two bits that decode to nothing.
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=")) {
    std::string token = good;
    token.back() = c;
    EXPECT_EQ(signer.verify(token, TokenKind::access, now).has_value(), token == good) << c;
  }
}

RC_GTEST_PROP(UnitCryptoBase64Url, GivesBackWhatItGot, (const std::string& bytes)) {
  RC_ASSERT(from_base64url(to_base64url(bytes)) == bytes);
}

TEST(UnitCryptoBase64Url, RefusesWhatIsNotCanonical) {
  EXPECT_EQ(from_base64url("Zg"), "f");
  for (const char* text : {"Z", "Zg==", "Zh", "Z g", "Zg\n", "Zm9v+", "Zm9v/w", "Zm 9v"})
    EXPECT_FALSE(from_base64url(text)) << text;
}

}  // namespace
}  // namespace edda::crypto

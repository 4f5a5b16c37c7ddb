#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <string>

#include "accounts/registration.hpp"
#include "accounts/text.hpp"
#include "ports/crypto.hpp"

namespace edda::accounts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

boost::json::object good_body() {
  return {{"email", "kim@example.com"}, {"password", "longenough"}, {"firstName", "Kim"}, {"lastName", "Minsu"}};
}

TEST(UnitAccountsRegistration, AcceptsAGoodBody) {
  EXPECT_THAT(validate_registration(good_body()), IsEmpty());
  const auto registration = to_registration(good_body());
  EXPECT_EQ(registration.email, "kim@example.com");
  EXPECT_EQ(registration.password, "longenough");
  EXPECT_EQ(registration.first_name, "Kim");
  EXPECT_EQ(registration.last_name, "Minsu");
}

TEST(UnitAccountsRegistration, SaysEverythingThatIsWrongInOrder) {
  EXPECT_THAT(validate_registration({{"foo", 1}}),
              ElementsAre("property foo should not exist", "email must be an email",
                          "password must be longer than or equal to 8 characters", "password must be a string",
                          "firstName must be shorter than or equal to 50 characters", "firstName must be a string",
                          "lastName must be shorter than or equal to 50 characters", "lastName must be a string"));
}

TEST(UnitAccountsRegistration, CountsCodePoints) {
  auto body = good_body();
  std::string fifty;
  for (int i = 0; i < 50; ++i) fifty += "\U0001F600";
  body["firstName"] = fifty;
  EXPECT_THAT(validate_registration(body), IsEmpty());
  body["firstName"] = fifty + "x";
  EXPECT_THAT(validate_registration(body), ElementsAre("firstName must be shorter than or equal to 50 characters"));
  body["firstName"] = "";
  body["password"] = "일곱글자입니다";
  EXPECT_THAT(validate_registration(body), ElementsAre("password must be longer than or equal to 8 characters"));
}

TEST(UnitAccountsRegistration, RefusesAPasswordThatIsDearToHash) {
  auto body = good_body();
  body["password"] = std::string(password_bytes_max, 'x');
  EXPECT_THAT(validate_registration(body), IsEmpty());
  body["password"] = std::string(password_bytes_max + 1, 'x');
  EXPECT_THAT(validate_registration(body), ElementsAre("password must be shorter than or equal to 1024 characters"));
}

TEST(UnitAccountsRegistration, LetsUnknownFieldsPassAtLogin) {
  EXPECT_THAT(validate_credentials({{"email", "a@b.co"}, {"password", "x"}, {"foo", 1}}), IsEmpty());
  EXPECT_THAT(validate_credentials({{"email", 5}}), ElementsAre("email must be an email", "password must be a string"));
}

TEST(UnitAccountsEmail, AcceptsWhatValidatorJsAccepts) {
  for (const char* text :
       {"foo@bar.com", "x@x.au", "foo@bar.com.au", "foo+bar@bar.com", "hans.m\xC3\xBCller@test.com",
        "test|123@m\xC3\xBCller.com", "test123+ext@gmail.com", "some.name.midd.leNa.me.and.locality@GoogleMail.com",
        "a@b.xn--fiqs8s", "user@\xED\x95\x9C\xEA\xB5\xAD.\xED\x95\x9C\xEA\xB5\xAD"}) {
    EXPECT_TRUE(is_email(text)) << text;
  }
}

TEST(UnitAccountsEmail, RefusesWhatValidatorJsRefuses) {
  for (const char* text : {"",
                           "invalidemail@",
                           "invalid.com",
                           "@invalid.com",
                           "foo@bar.com.",
                           "foo@_bar.com",
                           "foo@bar.co.uk.",
                           "z@co.c",
                           "foo@-bar.com",
                           "foo@bar-.com",
                           "foo@bar..com",
                           ".foo@bar.com",
                           "foo.@bar.com",
                           "a..b@bar.com",
                           "foo bar@bar.com",
                           "foo@bar.com ",
                           "foo@127.0.0.1",
                           "foo@localhost",
                           "a@b@c.de",
                           "foo\n@bar.com",
                           "foo@bar.c0m",
                           "\xFF@bar.com",
                           "foo@\xEF\xBD\x81.com"}) {
    EXPECT_FALSE(is_email(text)) << text;
  }
  EXPECT_TRUE(is_email(std::string(64, 'a') + "@b.co"));
  EXPECT_FALSE(is_email(std::string(65, 'a') + "@b.co"));
  EXPECT_FALSE(is_email("a@" + std::string(64, 'b') + ".co"));
}

TEST(UnitAccountsText, RefusesMalformedUtf8) {
  for (const std::string text :
       {"\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80", "\xE2\x82", "\xF8\x88\x80\x80\x80"}) {
    EXPECT_FALSE(code_points(text)) << text;
  }
  EXPECT_EQ(code_points("a\xED\x95\x9C\xF0\x9F\x98\x80"), std::u32string(U"a\U0000D55C\U0001F600"));
}

}  // namespace
}  // namespace edda::accounts

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string>

#include "http/strict_json.hpp"

namespace edda::http {

namespace {

bool accepts(std::string_view text) { return parse_strict(text).has_value(); }

std::string number_of(std::string_view text) {
  const auto value = parse_strict(text);
  return value && value->is_number() ? *value->number_text() : "refused";
}

std::string where_of(std::string_view text) {
  const auto value = parse_strict(text);
  return value ? "accepted" : value.error().where;
}

rc::Gen<boost::json::value> any_json(int depth) {
  using boost::json::value;
  const auto scalar = rc::gen::oneOf(
      rc::gen::just(value(nullptr)), rc::gen::map(rc::gen::arbitrary<bool>(), [](bool b) { return value(b); }),
      rc::gen::map(rc::gen::arbitrary<std::int64_t>(), [](std::int64_t i) { return value(i); }),
      rc::gen::map(rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127)),
                   [](const std::string& s) { return value(s); }));
  if (depth == 0) return scalar;
  const auto array = rc::gen::map(
      rc::gen::container<std::vector<value>>(any_json(depth - 1)),
      [](const std::vector<value>& elements) { return value(boost::json::array(elements.begin(), elements.end())); });
  const auto object = rc::gen::map(
      rc::gen::container<std::map<std::string, value>>(rc::gen::string<std::string>(), any_json(depth - 1)),
      [](const std::map<std::string, value>& members) {
        boost::json::object out;
        for (const auto& [key, member] : members) {
          std::string plain;
          for (const char c : key) plain.push_back(c >= ' ' && c < 127 ? c : '_');
          out.insert_or_assign(plain, member);
        }
        return value(std::move(out));
      });
  return rc::gen::oneOf(scalar, array, object);
}

}  // namespace

TEST(UnitStrictJson, ReadsEveryKindOfValue) {
  const auto value = parse_strict(R"( {"a":[1,2.50,"x",true,null],"b":{}} )");
  ASSERT_TRUE(value.has_value());
  const auto& array = *value->find("a")->as_array();
  EXPECT_EQ(array[0].as_int64(), 1);
  EXPECT_EQ(*array[1].number_text(), "2.50");
  EXPECT_EQ(*array[2].as_string(), "x");
  EXPECT_TRUE(*array[3].as_bool());
  EXPECT_TRUE(array[4].is_null());
  EXPECT_TRUE(value->find("b")->as_object()->empty());
  EXPECT_EQ(value->find("c"), nullptr);
}

TEST(UnitStrictJson, KeepsNumbersAsTheyWereWritten) {
  EXPECT_EQ(number_of("0.1"), "0.1");
  EXPECT_EQ(number_of("1.005"), "1.005");
  EXPECT_EQ(number_of("1e2"), "1e2");
  EXPECT_EQ(number_of("-0"), "-0");
  EXPECT_EQ(number_of("9007199254740993"), "9007199254740993");
  EXPECT_EQ(number_of("19.990000000000000000000000001"), "19.990000000000000000000000001");
}

TEST(UnitStrictJson, ReadsIntegersOnlyWhereOneIsWritten) {
  EXPECT_EQ(parse_strict("9223372036854775807")->as_int64(), INT64_MAX);
  EXPECT_EQ(parse_strict("-9223372036854775808")->as_int64(), INT64_MIN);
  EXPECT_EQ(parse_strict("1.0")->as_int64(), std::nullopt);
  EXPECT_EQ(parse_strict("1e2")->as_int64(), std::nullopt);
  EXPECT_EQ(parse_strict("-0")->as_int64(), std::nullopt);
  EXPECT_EQ(parse_strict("\"1\"")->as_int64(), std::nullopt);
}

TEST(UnitStrictJson, RefusesNumbersOutOfRange) {
  EXPECT_FALSE(accepts("1e400"));
  EXPECT_FALSE(accepts("-1e400"));
  EXPECT_FALSE(accepts("9223372036854775808"));
  EXPECT_FALSE(accepts("-9223372036854775809"));
  EXPECT_FALSE(accepts("18446744073709551616"));
  EXPECT_FALSE(accepts("NaN"));
  EXPECT_FALSE(accepts("Infinity"));
  EXPECT_FALSE(accepts("01"));
  EXPECT_FALSE(accepts("+1"));
  EXPECT_FALSE(accepts("0x10"));
}

TEST(UnitStrictJson, RefusesDuplicateKeysAndNamesThem) {
  EXPECT_EQ(where_of(R"({"amount":1,"amount":999})"), "/amount");
  EXPECT_EQ(where_of(R"({"a":{"b":[0,{"x/y":1,"c":2,"x/y":3}]}})"), "/a/b/1/x~1y");
  EXPECT_EQ(where_of(R"({"a":1,"\u0061":2})"), "/a");
}

TEST(UnitStrictJson, BoundsDepth) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(accepts(nested(32)));
  EXPECT_FALSE(accepts(nested(33)));
  EXPECT_FALSE(accepts(nested(1'000)));
  EXPECT_FALSE(accepts(std::string(1'000'000, '[')));
}

TEST(UnitStrictJson, BoundsBytesAndValues) {
  EXPECT_FALSE(parse_strict("\"long\"", {.bytes_max = 5}));
  EXPECT_TRUE(parse_strict("[1,2,3]", {.values_max = 4}));
  EXPECT_FALSE(parse_strict("[1,2,3]", {.values_max = 3}));
}

TEST(UnitStrictJson, RefusesWhatIsNoText) {
  EXPECT_FALSE(accepts("\"\xff\""));
  EXPECT_FALSE(accepts("\"\xc0\xaf\""));
  EXPECT_FALSE(accepts("\"\xed\xa0\x80\""));
  EXPECT_FALSE(accepts(R"("\ud800")"));
  EXPECT_FALSE(accepts(R"("\udc00")"));
  EXPECT_FALSE(accepts(R"("\ud800\u0041")"));
  EXPECT_FALSE(accepts(R"("\u0000")"));
  EXPECT_FALSE(accepts(R"({"a\u0000b":1})"));
  EXPECT_FALSE(accepts("\"a\nb\""));
  EXPECT_TRUE(accepts(R"("\ud83d\ude80 \ud55c")"));
  EXPECT_TRUE(accepts("\"한국어 🚀\""));
}

TEST(UnitStrictJson, RefusesWhatIsNoJson) {
  for (const char* text :
       {"", " ", "{", "[1,]", "{\"a\":1,}", "[1] 2", "{'a':1}", "/* */1", "// x\n1", "tru", "\xef\xbb\xbf{}"}) {
    EXPECT_FALSE(accepts(text)) << text;
  }
}

TEST(UnitStrictJson, SaysWhere) {
  const auto value = parse_strict(R"({"items":[{"price":1},{"price":1e999}]})");
  ASSERT_FALSE(value.has_value());
  EXPECT_EQ(value.error().code, Errc::invalid_argument);
  EXPECT_EQ(value.error().where, "/items/1/price");
  EXPECT_NE(value.error().message.find("a number is out of range"), std::string::npos);
}

TEST(UnitStrictJson, FindsControlAndBidiCharacters) {
  for (const char* text : {"a\nb", "\x7f", "\xc2\x85", "\u202e", "\u2066", "\u200f", "\u061c", "a\tb"}) {
    EXPECT_TRUE(has_control_or_bidi(text)) << text;
  }
  for (const char* text : {"", "plain", "한국어", "é", "🚀", "\u2013", "\u00a0"}) {
    EXPECT_FALSE(has_control_or_bidi(text)) << text;
  }
}

RC_GTEST_PROP(UnitStrictJson, AcceptedValuesKeepTheirMeaning, ()) {
  const auto value = *rc::gen::resize(5, any_json(3));  // sizes multiply with depth
  const std::string text = boost::json::serialize(value);
  const auto strict = parse_strict(text);
  RC_ASSERT(strict.has_value());
  RC_ASSERT(to_boost(*strict) == value);
}

RC_GTEST_PROP(UnitStrictJson, NeverCrashesAndAcceptsLessThanTheLibrary, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("{", "}", "[", "]", ",", ":", "\"a\"", "\"b\"", "1", "-", ".5", "e9", "e999",
                                    "null", "true", "\\u0000", "\"", "\xff", " "));
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  if (parse_strict(text)) {
    boost::system::error_code ec;
    boost::json::parse(text, ec);
    RC_ASSERT(!ec);
  }
}

}  // namespace edda::http

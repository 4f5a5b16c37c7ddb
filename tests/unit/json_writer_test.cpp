#include "base/json_writer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>
#include <limits>

namespace edda {
namespace {

std::string json_of(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(UnitJsonWriter, EscapesWhatJsonDemandsAndNothingElse) {
  EXPECT_EQ(json_of(""), "\"\"");
  EXPECT_EQ(json_of("plain text of more than sixteen bytes"), "\"plain text of more than sixteen bytes\"");
  EXPECT_EQ(json_of("a\"b\\c\nd\re\tf\x1f/\x7f"), "\"a\\\"b\\\\c\\nd\\re\\tf\\u001f/\x7f\"");
  EXPECT_EQ(json_of(std::string_view("\0", 1)), "\"\\u0000\"");
  EXPECT_EQ(json_of("주문이 접수되었습니다"), "\"주문이 접수되었습니다\"");
}

TEST(UnitJsonWriter, EscapesAtEveryPlaceOfAWord) {
  for (const auto& [c, escaped] : {std::pair{'"', "\\\""}, {'\\', "\\\\"}, {'\x1f', "\\u001f"}, {' ', " "}}) {
    for (std::size_t at = 0; at < 24; ++at) {
      std::string text(24, 'x');
      text[at] = c;
      EXPECT_EQ(json_of(text), "\"" + std::string(at, 'x') + escaped + std::string(23 - at, 'x') + "\"");
    }
  }
}

RC_GTEST_PROP(UnitJsonWriter, WhatIsWrittenReadsTheSame, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 0x7f));
  RC_ASSERT(boost::json::value_to<std::string>(boost::json::parse(json_of(text))) == text);
}

TEST(UnitJsonWriter, WritesFieldsOfEveryKind) {
  const auto id = parse_uuid("0192f5a0-1234-7abc-8def-0123456789ab");
  JsonWriter json;
  json.begin_object()
      .field("least", std::numeric_limits<std::int64_t>::min())
      .field("most", std::numeric_limits<std::size_t>::max())
      .field("id", *id)
      .field("at", from_micros(1'763'838'000'123'456))
      .field("yes", true)
      .field("money", Money{-5, *parse_currency("EUR")});
  json.key("list").begin_array().value("one").value(2).null().end_array().end_object();
  EXPECT_EQ(json.take(),
            R"({"least":-9223372036854775808,"most":18446744073709551615,"id":"0192f5a0-1234-7abc-8def-0123456789ab",)"
            R"("at":"2025-11-22T19:00:00.123Z","yes":true,"money":{"amount":-5,"currency":"EUR"},"list":["one",2,null]})");
}

}  // namespace
}  // namespace edda

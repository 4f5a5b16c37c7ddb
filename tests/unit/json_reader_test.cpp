#include "base/json_reader.hpp"

#include <gtest/gtest.h>

namespace edda {
namespace {

/// What reading one field of `text` left as an error; empty if nothing was wrong.
template <class Read>
std::string error_of(std::string_view text, Read read) {
  JsonReader json(text);
  read(json);
  return json.error() ? json.error()->message : "";
}

TEST(UnitJsonReader, OnlyAnObjectCanBeRead) {
  for (const auto* text : {"", "1", "[]", "null", "{"}) EXPECT_TRUE(JsonReader(text).error()) << text;
  EXPECT_FALSE(JsonReader("{}").error());
}

TEST(UnitJsonReader, ReadsEveryKind) {
  JsonReader json(R"({"text":"a","number":7,"flag":true,"list":["x","y"],"money":{"amount":1999,"currency":"EUR"},)"
                  R"("id":"0193571b-2a6f-7000-8000-000000000007"})");
  EXPECT_EQ(json.string("text"), "a");
  EXPECT_EQ(json.string_or("text", "b"), "a");
  EXPECT_EQ(json.integer("number"), 7);
  EXPECT_EQ(json.integer_or("number", 8), 7);
  EXPECT_TRUE(json.boolean_or("flag", false));
  EXPECT_EQ(json.strings_or_none("list"), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(json.money("money"), (Money{1999, *parse_currency("EUR")}));
  EXPECT_EQ(json.id<OrderId>("id").value.low16(), 7);
  EXPECT_EQ(json.id_or_nil<OrderId>("id").value.low16(), 7);
  EXPECT_EQ(json.array("list").size(), 2U);
  EXPECT_FALSE(json.error());
}

TEST(UnitJsonReader, WhatMayBeMissingHasAFallback) {
  JsonReader json("{}");
  EXPECT_EQ(json.string_or("text", "b"), "b");
  EXPECT_EQ(json.integer_or("number", 8), 8);
  EXPECT_TRUE(json.boolean_or("flag", true));
  EXPECT_TRUE(json.strings_or_none("list").empty());
  EXPECT_TRUE(json.id_or_nil<OrderId>("id").is_nil());
  EXPECT_FALSE(json.error());
}

TEST(UnitJsonReader, WhatIsMissingOrOfAnotherTypeIsNamed) {
  for (const auto* text : {"{}", R"({"f":{}})"}) {
    EXPECT_NE(error_of(text, [](JsonReader& j) { j.string("f"); }).find("'f'"), std::string::npos);
    EXPECT_NE(error_of(text, [](JsonReader& j) { j.integer("f"); }), "");
    EXPECT_NE(error_of(text, [](JsonReader& j) { j.array("f"); }), "");
    EXPECT_NE(error_of(text, [](JsonReader& j) { j.id<OrderId>("f"); }), "");
    EXPECT_NE(error_of(text, [](JsonReader& j) { j.money("f"); }), "");
  }
  EXPECT_NE(error_of(R"({"f":1})", [](JsonReader& j) { j.boolean_or("f", true); }), "");
  EXPECT_NE(error_of(R"({"f":1})", [](JsonReader& j) { j.money("f"); }), "");
  EXPECT_NE(error_of(R"({"f":"no uuid"})", [](JsonReader& j) { j.id<OrderId>("f"); }), "");
}

TEST(UnitJsonReader, TheFirstErrorStays) {
  JsonReader json("{}");
  json.string("first");
  json.string("second");
  EXPECT_NE(json.error()->message.find("'first'"), std::string::npos);
  JsonReader nested("{}");
  nested.string("third");
  json.merge(nested);
  EXPECT_NE(json.error()->message.find("'first'"), std::string::npos);
}

}  // namespace
}  // namespace edda

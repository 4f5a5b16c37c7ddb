#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "redis/reply.hpp"

namespace edda::redis {
namespace {

using Kind = Reply::Kind;

void expect_reads(std::string_view input, const Reply& reply) {
  for (std::size_t size = 0; size < input.size(); ++size) {
    const auto part = parse_reply(input.substr(0, size));
    ASSERT_TRUE(part) << size << " bytes of " << input;
    EXPECT_FALSE(*part) << size << " bytes of " << input;
  }
  const auto whole = parse_reply(std::string(input) + "+more\r\n");
  ASSERT_TRUE(whole && *whole) << input;
  EXPECT_EQ((*whole)->reply, reply) << input;
  EXPECT_EQ((*whole)->bytes, input.size()) << input;
}

TEST(UnitRedisReply, ReadsEveryKindOnceItIsWhole) {
  expect_reads("+OK\r\n", {.kind = Kind::text, .text = "OK"});
  expect_reads("+\r\n", {.kind = Kind::text});
  expect_reads("-ERR unknown\r\n", {.kind = Kind::error, .text = "ERR unknown"});
  expect_reads(":-42\r\n", {.kind = Kind::integer, .integer = -42});
  expect_reads(std::string_view("$5\r\na\r\nb\0\r\n", 11), {.kind = Kind::text, .text = std::string("a\r\nb\0", 5)});
  expect_reads("$0\r\n\r\n", {.kind = Kind::text});
  expect_reads("$-1\r\n", {});
  expect_reads("*-1\r\n", {});
  expect_reads("*0\r\n", {.kind = Kind::list});
  expect_reads("*2\r\n:1\r\n*1\r\n$-1\r\n",
               {.kind = Kind::list,
                .items = {{.kind = Kind::integer, .integer = 1}, {.kind = Kind::list, .items = {{}}}}});
}

TEST(UnitRedisReply, RefusesWhatIsNone) {
  for (const std::string& input :
       {std::string("HTTP/1.1 400\r\n"), std::string("\r\n"), std::string(":\r\n"), std::string(":1x\r\n"), std::string("$-2\r\n"),
        std::string("$1048577\r\n"), std::string("*1025\r\n"), std::string("$1\r\nab\r\n"), std::string("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"),
        "+" + std::string(5000, 'x')}) {
    const auto parsed = parse_reply(input);
    ASSERT_FALSE(parsed) << input;
    EXPECT_EQ(parsed.error().code, Errc::corrupt);
  }
}

TEST(UnitRedisReply, EncodesWordsOfAnyBytes) {
  EXPECT_EQ(encode_command({"SET", "", std::string_view("\r\n\0", 3)}), std::string("*3\r\n$3\r\nSET\r\n$0\r\n\r\n$3\r\n\r\n\0\r\n", 28));
}

}  // namespace
}  // namespace edda::redis

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "http/head_check.hpp"

namespace edda::http {

namespace {

// The status of the refusal, 0 for a complete and accepted head, 1 for one that needs more bytes.
int verdict(std::string_view bytes, const HeadLimits& limits = {}) {
  const auto checked = check_head(bytes, limits);
  if (!checked) return checked.error().status;
  return checked->has_value() ? 0 : 1;
}

std::string post_with(std::string_view headers) {
  return "POST /orders HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n";
}

Head accepted(std::string_view bytes) {
  const auto checked = check_head(bytes, {});
  EXPECT_TRUE(checked.has_value() && checked->has_value());
  return checked.has_value() && checked->has_value() ? **checked : Head{};
}

}  // namespace

TEST(UnitHeadCheck, ReadsAPlainHead) {
  const std::string bytes = post_with("Content-Length: 12\r\nAccept: */*\r\n") + "body follows";
  const Head head = accepted(bytes);
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/orders");
  EXPECT_EQ(head.content_length, 12U);
  EXPECT_EQ(head.bytes, bytes.size() - 12);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.chunked || head.expects_continue);
}

TEST(UnitHeadCheck, WaitsForTheRestOfAHead) {
  const std::string bytes = post_with("Content-Length: 12\r\n");
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(verdict(std::string_view(bytes).substr(0, size)), 1) << size;
  EXPECT_EQ(verdict(bytes), 0);
}

TEST(UnitHeadCheck, RefusesContentLengthWithChunkedInBothOrders) {
  EXPECT_EQ(verdict(post_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(verdict(post_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")), 400);
}

TEST(UnitHeadCheck, RefusesEveryTransferEncodingButChunked) {
  EXPECT_EQ(verdict(post_with("Transfer-Encoding: chunked\r\n")), 0);
  EXPECT_EQ(verdict(post_with("Transfer-Encoding: CHUNKED\r\n")), 0);
  EXPECT_EQ(verdict(post_with("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n")), 501);
  EXPECT_EQ(verdict(post_with("Transfer-Encoding: xchunked\r\n")), 501);
  EXPECT_EQ(verdict(post_with("Transfer-Encoding: chunked, identity\r\n")), 501);
  EXPECT_EQ(verdict(post_with("Transfer-Encoding: gzip, chunked\r\n")), 501);
  EXPECT_EQ(verdict(post_with("Transfer-Encoding:\r\n")), 501);
  EXPECT_EQ(verdict(post_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(verdict(post_with("Transfer-Encoding: \x0b"
                              "chunked\r\n")),
            400);
}

TEST(UnitHeadCheck, RefusesChunkedInHttp10) {
  EXPECT_EQ(verdict("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(UnitHeadCheck, RefusesDoubleAndOddContentLengths) {
  EXPECT_EQ(verdict(post_with("Content-Length: 5\r\nContent-Length: 5\r\n")), 400);
  EXPECT_EQ(verdict(post_with("Content-Length: 5, 5\r\n")), 400);
  EXPECT_EQ(verdict(post_with("Content-Length: +5\r\n")), 400);
  EXPECT_EQ(verdict(post_with("Content-Length: -5\r\n")), 400);
  EXPECT_EQ(verdict(post_with("Content-Length: 0x5\r\n")), 400);
  EXPECT_EQ(verdict(post_with("Content-Length: 5 5\r\n")), 400);
  EXPECT_EQ(verdict(post_with("Content-Length:\r\n")), 400);
  EXPECT_EQ(verdict(post_with("Content-Length: 12345678901234567890\r\n")), 400);
  EXPECT_EQ(verdict(post_with("Content-Length: 00000000000000000005\r\n")), 400);
}

TEST(UnitHeadCheck, WantsExactlyOneSaneHost) {
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: [::1]:3000\r\n\r\n"), 0);
  EXPECT_EQ(verdict("GET / HTTP/1.0\r\n\r\n"), 0);
}

TEST(UnitHeadCheck, ReadsAbsoluteAddressesWithoutUserInformation) {
  EXPECT_EQ(accepted("GET http://a/orders?x=1 HTTP/1.1\r\nHost: a\r\n\r\n").target, "/orders?x=1");
  EXPECT_EQ(accepted("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n").target, "/");
  EXPECT_EQ(accepted("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").target, "/");
  EXPECT_EQ(verdict("GET http://user@a/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET http://user:secret@a/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET file:///etc HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET orders HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET * HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

TEST(UnitHeadCheck, RefusesAmbiguousLines) {
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n\tfolded\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\nHost: a\n\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\n\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\rX: 1\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost : a\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nnocolon\r\n\r\n"), 400);
  EXPECT_EQ(verdict("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

TEST(UnitHeadCheck, RefusesControlBytes) {
  using namespace std::string_view_literals;
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"sv), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nX\0: a\r\n\r\n"sv), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nX: a\x7f\r\n\r\n"sv), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nX: a\x01\r\n\r\n"sv), 400);
  EXPECT_EQ(verdict("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"sv), 400);
  EXPECT_EQ(verdict("G\0T / HTTP/1.1\r\nHost: a\r\n\r\n"sv), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nX: a\tb\r\n\r\n"sv), 0);
}

TEST(UnitHeadCheck, RefusesMalformedRequestLines) {
  EXPECT_EQ(verdict("GET /\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / x HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / http/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(verdict("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
  EXPECT_EQ(verdict("\x16\x03\x01\r\n"), 400);
}

TEST(UnitHeadCheck, BoundsHeadersAndAddress) {
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n"), 431);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'x')), 431);
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 10'000; ++i) many += "X: 1\r\n";
  EXPECT_EQ(verdict(many + "\r\n"), 431);
  EXPECT_EQ(verdict("GET /" + std::string(9'000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
  EXPECT_EQ(verdict("GET /" + std::string(9'000, 'x')), 414);
  EXPECT_EQ(verdict(std::string(9'000, 'x')), 414);
  EXPECT_EQ(verdict("GET /" + std::string(8'000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
}

TEST(UnitHeadCheck, ReadsWhetherTheConnectionStays) {
  EXPECT_FALSE(accepted("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").keep_alive);
  EXPECT_FALSE(accepted("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Close\r\n\r\n").keep_alive);
  EXPECT_FALSE(accepted("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(accepted("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
  EXPECT_FALSE(accepted("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n").keep_alive);
}

TEST(UnitHeadCheck, ReadsTheExpectation) {
  EXPECT_TRUE(accepted(post_with("Expect: 100-continue\r\nContent-Length: 5\r\n")).expects_continue);
  EXPECT_EQ(verdict(post_with("Expect: coffee\r\n")), 417);
}

RC_GTEST_PROP(UnitHeadCheck, AnswersAnyBytesWithoutLookingBeyondThem, ()) {
  // Pieces of real heads, so that the deep branches are reached.
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "GET ", "/ ", "HTTP/1.1", "\r\n", "\n", "\r", "Host: a", "Content-Length: ", "5", "Transfer-Encoding: chunked",
      " ", ":", std::string(1, '\0'), "\xff", "http://", "@", "HTTP/1.0"));
  std::string bytes;
  for (const std::string& piece : pieces) bytes += piece;
  const auto checked = check_head(bytes, {});
  if (checked && *checked) {
    RC_ASSERT((*checked)->bytes <= bytes.size());
    RC_ASSERT(std::string_view(bytes).substr(0, (*checked)->bytes).ends_with("\r\n\r\n"));
    RC_ASSERT(!((*checked)->chunked && (*checked)->content_length));
  }
}

}  // namespace edda::http

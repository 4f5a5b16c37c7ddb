#include "gateway/gateway_reply.hpp"

#include <gtest/gtest.h>

#include "gateway/repeated_errors.hpp"

namespace edda::gateway {
namespace {

using saga::Outcome;

constexpr std::string_view asked_key = "s1/pay/forward";

Outcome outcome(int status, std::string body) { return answer_of(HttpReply{status, std::move(body)}, asked_key).outcome; }
Outcome found(int status, std::string body) { return found_by(HttpReply{status, std::move(body)}, asked_key).outcome; }

TEST(UnitGatewayReply, ASuccessNamesItsKeyAndItsReference) {
  const auto answer = answer_of(HttpReply{200, R"({"key":"s1/pay/forward","status":"succeeded","reference":"ref-1"})"}, asked_key);
  EXPECT_EQ(answer.outcome, Outcome::succeeded);
  EXPECT_EQ(answer.reference, "ref-1");
}

TEST(UnitGatewayReply, ASuccessThatCannotBeUnderstoodIsUnknown) {
  EXPECT_EQ(outcome(200, ""), Outcome::unknown);
  EXPECT_EQ(outcome(200, "<html>"), Outcome::unknown);
  EXPECT_EQ(outcome(200, R"({"key":"s1/pay/forward","status":"succeeded"})"), Outcome::unknown) << "no reference";
  EXPECT_EQ(outcome(200, R"({"key":"s2/pay/forward","status":"succeeded","reference":"r"})"), Outcome::unknown) << "another's answer";
  EXPECT_EQ(outcome(200, R"({"key":"s1/pay/forward","status":"succeeded","reference":7})"), Outcome::unknown);
  EXPECT_EQ(outcome(202, R"({"key":"s1/pay/forward","status":"pending","reference":"r"})"), Outcome::unknown);
}

TEST(UnitGatewayReply, AFinalNoIsDeclined) {
  EXPECT_EQ(outcome(402, R"({"status":"declined","reason":"no money"})"), Outcome::declined);
  EXPECT_EQ(outcome(402, ""), Outcome::declined);
  const auto answer = answer_of(HttpReply{409, R"({"status":"declined","reason":"charged","reference":"ref-1"})"}, asked_key);
  EXPECT_EQ(answer.outcome, Outcome::declined);
  EXPECT_EQ(answer.reference, "ref-1") << "of the charge that a void came too late for";
}

TEST(UnitGatewayReply, OnlyAnAnswerThatSaysSoIsFailed) {
  EXPECT_EQ(outcome(503, R"({"processed":false,"reason":"busy"})"), Outcome::failed);
  EXPECT_EQ(outcome(429, R"({"processed":false})"), Outcome::failed);
  EXPECT_EQ(outcome(401, R"({"processed":false})"), Outcome::failed);
  EXPECT_EQ(outcome(503, R"({"reason":"busy"})"), Outcome::unknown);
  EXPECT_EQ(outcome(500, R"({"processed":true})"), Outcome::unknown);
  EXPECT_EQ(outcome(200, R"({"processed":false})"), Outcome::unknown);
}

TEST(UnitGatewayReply, EverythingElseIsUnknown) {
  for (const int status : {100, 301, 400, 403, 404, 408, 409, 429, 500, 502, 503, 504, 599})
    EXPECT_EQ(outcome(status, "<html>from a proxy</html>"), Outcome::unknown) << status;
}

TEST(UnitGatewayReply, ALookupNeverFails) {
  EXPECT_EQ(found(404, R"({"processed":false})"), Outcome::unknown);
  EXPECT_EQ(found(503, R"({"processed":false})"), Outcome::unknown);
  EXPECT_EQ(found(402, ""), Outcome::unknown) << "what declines a request says nothing of a lookup";
  EXPECT_EQ(found(200, R"({"key":"s1/pay/forward","status":"declined","reason":"no money"})"), Outcome::declined);
  EXPECT_EQ(found(200, R"({"key":"s1/pay/forward","status":"succeeded","reference":"r"})"), Outcome::succeeded);
  EXPECT_EQ(found(200, R"({"key":"other","status":"succeeded","reference":"r"})"), Outcome::unknown);
}

TEST(UnitGatewayReply, NoAnswerIsFailedOnlyWhereNothingWasSent) {
  EXPECT_EQ(answer_of(HttpFailure{true, "refused"}).outcome, Outcome::failed);
  EXPECT_EQ(answer_of(HttpFailure{false, "reset"}).outcome, Outcome::unknown);
}

TEST(UnitGatewayReply, TellsARepeatedErrorFromAnother) {
  RepeatedErrors errors(2);
  EXPECT_FALSE(errors.repeats("a", {503, "x"}));
  EXPECT_TRUE(errors.repeats("a", {503, "x"}));
  EXPECT_FALSE(errors.repeats("a", {503, "y"}));
  EXPECT_FALSE(errors.repeats("a", {500, "y"}));
  EXPECT_FALSE(errors.repeats("b", {500, "y"})) << "of another key";
  errors.repeats("c", {500, "y"});
  EXPECT_FALSE(errors.repeats("a", {500, "y"})) << "the oldest key was forgotten";
}

TEST(UnitGatewayReply, ReadsAnEndpoint) {
  const auto plain = parse_endpoint("http://127.0.0.1:4000/").value();
  EXPECT_FALSE(plain.tls);
  EXPECT_EQ(plain.host, "127.0.0.1");
  EXPECT_EQ(plain.port, "4000");
  EXPECT_EQ(plain.path, "");
  const auto tls = parse_endpoint("https://pay.example/api/").value();
  EXPECT_TRUE(tls.tls);
  EXPECT_EQ(tls.port, "443");
  EXPECT_EQ(tls.path, "/api");
  for (const auto* wrong : {"", "pay.example", "file:///etc/passwd", "ftp://x", "http://user:password@x", "http://", "http://x?a=b"})
    EXPECT_FALSE(parse_endpoint(wrong)) << wrong;
}

}  // namespace
}  // namespace edda::gateway

#include "base/trace_context.hpp"

#include <gtest/gtest.h>

#include "eventsourcing/event_trace.hpp"

namespace edda {
namespace {

const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string whole = "00-" + trace + "-00f067aa0ba902b7-01";

TEST(UnitTraceContext, IsReadAndWrittenAsTheStandardHasIt) {
  const auto context = parse_traceparent(whole);
  ASSERT_TRUE(context);
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(trace_id_text(*context), trace);
  EXPECT_EQ(span_id_text(context->span), "00f067aa0ba902b7");
  EXPECT_EQ(to_traceparent(*context), whole);
  EXPECT_EQ(to_traceparent(*parse_traceparent("00-" + trace + "-00f067aa0ba902b7-00")), "00-" + trace + "-00f067aa0ba902b7-00");
}

TEST(UnitTraceContext, KnowsOfTheFlagsOnlySampled) {
  EXPECT_TRUE(parse_traceparent("00-" + trace + "-00f067aa0ba902b7-ff")->sampled);
  EXPECT_FALSE(parse_traceparent("00-" + trace + "-00f067aa0ba902b7-fe")->sampled);
}

TEST(UnitTraceContext, PassesOverWhatALaterVersionAppends) {
  EXPECT_EQ(trace_id_text(*parse_traceparent("cc-" + trace + "-00f067aa0ba902b7-01-what-will-be")), trace);
  EXPECT_EQ(trace_id_text(*parse_traceparent("cc-" + trace + "-00f067aa0ba902b7-01")), trace);
  EXPECT_FALSE(parse_traceparent("cc-" + trace + "-00f067aa0ba902b7-01what"));
}

TEST(UnitTraceContext, IsNoneWhereTheStandardSaysInvalid) {
  for (const auto& broken : std::vector<std::string>{
           whole + "-more", whole + "-", " " + whole, whole + " ", "ff" + whole.substr(2), "0" + whole, whole.substr(0, 54), "0x" + whole.substr(2),
           "00-" + trace + "-0000000000000000-01", "00-" + std::string(32, '0') + "-00f067aa0ba902b7-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", "00-" + trace + "-00F067AA0BA902B7-01", "00-" + trace + "-00f067aa0ba902b7-0G",
           "00-" + trace + "-00f067aa0ba902b7-0", "00-" + trace + "_00f067aa0ba902b7-01", "00_" + whole.substr(3), "00", "-", ""})
    EXPECT_FALSE(parse_traceparent(broken)) << broken;
  EXPECT_FALSE(TraceContext{}.exists());
  EXPECT_EQ(trace_id_text(TraceContext{}), "");
}

TEST(UnitEventTrace, StandsBehindTheDataAndIsFoundThere) {
  std::string data = R"({"reason":"wrong size"})";
  add_trace(data, *parse_traceparent(whole));
  EXPECT_EQ(data, R"({"reason":"wrong size","traceparent":")" + whole + R"("})");
  EXPECT_EQ(to_traceparent(trace_of(data)), whole);
}

TEST(UnitEventTrace, IsAbsentWhereNoTraceWas) {
  std::string data = R"({"reason":""})";
  add_trace(data, {});
  EXPECT_EQ(data, R"({"reason":""})");
  EXPECT_FALSE(trace_of(data).exists());
  EXPECT_FALSE(trace_of("").exists());
}

TEST(UnitEventTrace, IsNothingThatAClientCanWriteIntoAText) {
  const std::string reason = R"(,\"traceparent\":\")" + whole + R"(\"})";
  EXPECT_FALSE(trace_of(R"({"reason":")" + reason + R"("})").exists());
  EXPECT_FALSE(trace_of(R"({"reason":",\"traceparent\":\")" + whole + R"("})").exists());
}

TEST(UnitEventTrace, IsToldToOthersAsItIsElseAsTheOrdersStory) {
  RecordedEvent event;
  event.correlation = OrderId{make_uuid_v7(Timestamp{}, {2}, 7)};
  event.turn = TurnId{make_uuid_v7(Timestamp{}, {3}, 9)};
  event.data = R"({"a":1})";
  const TraceContext without = published_trace(event, true);
  EXPECT_EQ(without.trace, event.correlation.value.bytes);
  EXPECT_EQ(without.span, span_of(event.turn));
  EXPECT_TRUE(without.sampled);
  EXPECT_FALSE(published_trace(event, false).sampled);
  add_trace(event.data, *parse_traceparent(whole));
  EXPECT_EQ(to_traceparent(published_trace(event, false)), whole);
}

}  // namespace
}  // namespace edda

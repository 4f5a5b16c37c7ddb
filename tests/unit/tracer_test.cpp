#include "tracing/tracer.hpp"

#include <gtest/gtest.h>

#include "support/kept_spans.hpp"
#include "support/manual_clock.hpp"
#include "system/random.hpp"

namespace edda::tracing {
namespace {

using testing_support::KeptSpans;
using testing_support::ManualClock;

TraceContext context(bool sampled) { return {{1, 2, 3}, {4}, sampled}; }

class UnitTracer : public testing::Test {
 protected:
  TraceContext enter(Sampler sampler, const std::optional<TraceContext>& from) { return Tracer(spans, sampler, clock, random).enter(from); }

  KeptSpans spans;
  ManualClock clock;
  system::SystemRandom random;
};

TEST_F(UnitTracer, BeginsATraceWhereTheCallerHasNone) {
  const auto first = enter({}, std::nullopt), second = enter({}, std::nullopt);
  EXPECT_TRUE(first.exists() && first.sampled);
  EXPECT_NE(first.span, TraceContext::SpanId{});
  EXPECT_NE(first.trace, second.trace);
}

TEST_F(UnitTracer, GoesOnInTheCallersTraceUnderASpanOfItsOwn) {
  const auto entered = enter({.ratio = 0}, context(true));
  EXPECT_EQ(entered.trace, context(true).trace);
  EXPECT_NE(entered.span, context(true).span);
  EXPECT_TRUE(entered.sampled) << "parent-based: whatever the ratio";
}

TEST_F(UnitTracer, PassesOnWhatTheCallerDoesNotKeep) {
  EXPECT_EQ(enter({}, context(false)), context(false));
  EXPECT_EQ(enter({.ratio = 0, .parent_based = false}, context(true)), context(false)) << "and what it does not keep itself";
  EXPECT_TRUE(enter({.ratio = 1, .parent_based = false}, context(false)).sampled);
}

TEST_F(UnitTracer, ATraceThatIsNotKeptLeavesNothing) { EXPECT_EQ(enter({.ratio = 0}, std::nullopt), TraceContext{}); }

TEST_F(UnitTracer, ASpanIsUnderItsParentAndEndsWhenItIsEnded) {
  Tracer tracer(spans, {}, clock, random);
  Span span = tracer.begin(context(true), SpanKind::client, "call");
  clock.advance(std::chrono::milliseconds(5));
  tracer.end(std::move(span));
  const auto kept = spans.all().at(0);
  EXPECT_EQ(kept.parent, context(true).span);
  EXPECT_NE(kept.context.span, context(true).span);
  EXPECT_EQ(kept.end - kept.start, std::chrono::milliseconds(5));
}

TEST(UnitSampler, KeepsTheShareThatItIsToldByTheTracesIdAlone) {
  EXPECT_TRUE(Sampler{.ratio = 1}.keeps({}));
  EXPECT_FALSE(Sampler{.ratio = 0}.keeps({}));
  TraceContext::TraceId low{}, high{};
  low[8] = 0x3F;
  high[8] = 0x41;
  EXPECT_TRUE(Sampler{.ratio = 0.25}.keeps(low));
  EXPECT_FALSE(Sampler{.ratio = 0.25}.keeps(high));
  high[0] = 0xFF;
  EXPECT_TRUE(Sampler{.ratio = 0.26}.keeps(high)) << "the first eight bytes say nothing";
}

TEST(UnitSampler, IsNamedAsOpenTelemetryNamesIt) {
  EXPECT_EQ(sampler_of("parentbased_always_on", 0.1)->ratio, 1);
  EXPECT_TRUE(sampler_of("parentbased_always_on", 0.1)->parent_based);
  EXPECT_EQ(sampler_of("always_off", 0.1)->ratio, 0);
  EXPECT_FALSE(sampler_of("always_off", 0.1)->parent_based);
  EXPECT_EQ(sampler_of("parentbased_traceidratio", 0.1)->ratio, 0.1);
  EXPECT_FALSE(sampler_of("parentbased_jaeger_remote", 0.1));
  EXPECT_FALSE(sampler_of("", 0.1));
}

}  // namespace
}  // namespace edda::tracing

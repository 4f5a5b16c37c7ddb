// One order's trace: what is stored of it, which spans it has, and that it goes on in a later life of the owner.
#include <gtest/gtest.h>

#include "eventsourcing/event_trace.hpp"
#include "memory/event_store.hpp"
#include "support/kept_spans.hpp"
#include "support/run_task.hpp"
#include "tracing/traced_sink.hpp"
#include "unit/owner_node.hpp"

namespace edda {
namespace {

using namespace owner_testing;
using testing_support::KeptSpans;
using testing_support::run_task;

const TraceContext request{{0xAB}, {0x01}, true};

class UnitOrderTrace : public testing::Test {
 protected:
  std::vector<RecordedEvent> log() { return run_task(store.read_shard(ShardId{0}, Position{0}, 100, Node::far())).value(); }
  Span only(std::string_view name) {
    const auto found = spans.named(name);
    EXPECT_EQ(found.size(), 1U) << name;
    return found.empty() ? Span{} : found.front();
  }

  memory::MemoryEventStore store;
  ScriptedGateway gateway;
  SteppedClock clock;
  KeptSpans spans;
  system::SystemRandom random;
  tracing::Tracer tracer{spans, {}, clock, random};
};

TEST_F(UnitOrderTrace, HasASpanForEachPieceOfTheWork) {
  Node node(store, gateway, clock, {.node = "node-1", .tracer = &tracer});
  node.start();
  ASSERT_TRUE(node.place(1, {}, request));
  node.settle();
  const Span placed = only("turn PlaceOrder"), answered = only("turn AnswerStep"), step = only("step payment_processing"),
             call = only("payment_gateway charge"), saga = only("saga OrderProcessingSaga");
  for (const Span& span : {placed, step, answered, saga}) EXPECT_EQ(span.parent, request.span) << span.name;
  EXPECT_EQ(call.parent, step.context.span);
  EXPECT_EQ(gateway.calls().at(0).trace, call.context) << "the gateway hears of the call's own span";
  const auto commits = spans.named("commit");
  ASSERT_EQ(commits.size(), 2U);
  EXPECT_EQ(commits[0].parent, placed.context.span);
  EXPECT_EQ(commits[1].parent, answered.context.span);
  for (const Span& span : spans.all()) EXPECT_EQ(span.context.trace, request.trace) << span.name;
}

TEST_F(UnitOrderTrace, StandsInEveryEventOfTheOrder) {
  Node node(store, gateway, clock);
  node.start();
  ASSERT_TRUE(node.place(1, {}, request));
  node.settle();
  ASSERT_EQ(log().size(), 9U);
  for (const auto& event : log()) EXPECT_EQ(trace_of(event.data), request) << event.type;
}

TEST_F(UnitOrderTrace, IsPassedOnWhereNoSpansAreMade) {
  Node node(store, gateway, clock);
  node.start();
  ASSERT_TRUE(node.place(1, {}, request));
  node.settle();
  EXPECT_EQ(gateway.calls().at(0).trace, request);
}

TEST_F(UnitOrderTrace, LeavesNothingWhereThereIsNone) {
  Node node(store, gateway, clock, {.node = "node-1", .tracer = &tracer});
  node.start();
  ASSERT_TRUE(node.place(1));
  node.settle();
  EXPECT_TRUE(spans.all().empty());
  for (const auto& event : log()) EXPECT_EQ(event.data.find("traceparent"), std::string::npos);
  EXPECT_FALSE(gateway.calls().at(0).trace.exists());
}

TEST_F(UnitOrderTrace, OfOneThatIsNotKeptOnlyTheContextGoesOn) {
  Node node(store, gateway, clock, {.node = "node-1", .tracer = &tracer});
  node.start();
  const TraceContext dropped{request.trace, request.span, false};
  ASSERT_TRUE(node.place(1, {}, dropped));
  node.settle();
  EXPECT_TRUE(spans.all().empty());
  EXPECT_EQ(gateway.calls().at(0).trace, dropped);
}

TEST_F(UnitOrderTrace, GoesOnWithASagaThatALaterOwnerResumes) {
  {
    gateway.hold();
    Node crashed(store, gateway, clock);
    crashed.start();
    ASSERT_TRUE(crashed.place(1, {}, request));
  }
  gateway.release();
  Node node(store, gateway, clock, {.node = "node-2", .tracer = &tracer});
  node.start();
  node.settle();
  EXPECT_EQ(only("step payment_processing").parent, request.span);
  EXPECT_EQ(only("turn AnswerStep").context.trace, request.trace);
  EXPECT_EQ(only("saga OrderProcessingSaga").context.trace, request.trace);
  EXPECT_EQ(trace_of(log().back().data), request);
}

TEST_F(UnitOrderTrace, ALaterRequestHasItsOwn) {
  Node node(store, gateway, clock);
  node.start();
  ASSERT_TRUE(node.place(1, {}, request));
  node.settle();
  const TraceContext later{{0xCD}, {0x02}, true};
  lanes::TurnRequest cancel;
  cancel.order = order_id(1);
  cancel.command = turn::CancelOrder{"wrong size"};
  cancel.fresh_saga = saga_id(9);
  cancel.caused_by = later;
  ASSERT_TRUE(node.submit(std::move(cancel)));
  node.settle();
  EXPECT_EQ(trace_of(log().back().data), later);
  EXPECT_EQ(gateway.calls().back().trace, later) << "the refund is of the cancellation";
}

/// Takes everything.
class OpenSink final : public EventSink {
 public:
  Task<Result<void>> publish(ShardId, std::vector<RecordedEvent>, Deadline) override { co_return answer; }
  Result<void> answer;
};

TEST_F(UnitOrderTrace, PublishingIsASpanOfEachTurn) {
  Node node(store, gateway, clock, {.node = "node-1", .tracer = &tracer});
  node.start();
  ASSERT_TRUE(node.place(1, {}, request));
  ASSERT_TRUE(node.place(2));
  node.settle();
  OpenSink sink;
  tracing::TracedSink traced(sink, tracer);
  ASSERT_TRUE(run_task(traced.publish(ShardId{0}, log(), Node::far())));
  const auto sends = spans.named("send events");
  ASSERT_EQ(sends.size(), 2U) << "of the order that is traced";
  EXPECT_EQ(sends[0].parent, only("turn PlaceOrder").context.span);
  EXPECT_EQ(sends[1].parent, only("turn AnswerStep").context.span);
  sink.answer = fail(Errc::unavailable, "away");
  EXPECT_FALSE(run_task(traced.publish(ShardId{0}, log(), Node::far())));
  EXPECT_EQ(spans.named("send events").back().failure, "away");
}

}  // namespace
}  // namespace edda

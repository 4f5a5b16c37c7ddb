// The owner brought an answer that no longer mattered, while another node stored what made it so. The lane read the order meanwhile: its
// payment as before, its saga as after, and nothing was stored over which that could have failed. The owner went on from this state, and asked
// for a refund of nothing; then for the right one under the same key. Found by edda-sim (seed 20780007268).
#include <gtest/gtest.h>

#include "support/interrupted_store.hpp"
#include "support/run_task.hpp"
#include "unit/owner_node.hpp"

namespace edda {
namespace {

using namespace owner_testing;
using testing_support::InterruptedStore;
using Kind = ScriptedGateway::Kind;

TEST(RegressionTornStateOfAnAnswer, TheRefundIsOfWhatWasCharged) {
  memory::MemoryEventStore memory;
  InterruptedStore store(memory);
  ScriptedGateway gateway;
  SteppedClock clock;
  Node owner(store, gateway, clock);
  Node other(memory, gateway, clock, {.node = "node-2"});
  const auto look = [&] {
    owner.dispatcher.notice(ShardId{0}, testing_support::run_task(memory.last_positions(Node::far()))->front());
    owner.settle();
  };
  owner.start();
  gateway.hold();
  ASSERT_TRUE(other.place(1));
  look();
  ASSERT_EQ(gateway.calls().size(), 1U);  // the charge, which nobody answers yet

  lanes::TurnRequest cancel;
  cancel.order = order_id(1);
  cancel.command = turn::CancelOrder{"changed my mind"};
  ASSERT_TRUE(other.submit(std::move(cancel)));
  look();
  store.before = stream_of(saga_id(1));
  store.meanwhile = [&] {
    other.deliver(order_id(1), {saga_id(1), "payment_processing", saga::Direction::forward, 1, saga::Outcome::succeeded, {}, "ch_1"});
  };
  gateway.answer_next(Kind::charge, {saga::Outcome::failed, "", "no route"});
  gateway.release();
  owner.settle();
  look();
  EXPECT_EQ(store.meanwhile, nullptr);
  const auto calls = gateway.calls();
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls.back().kind, Kind::refund);
  EXPECT_EQ(calls.back().amount.minor, 1999);
  EXPECT_EQ(calls.back().about, "ch_1");
}

}  // namespace
}  // namespace edda

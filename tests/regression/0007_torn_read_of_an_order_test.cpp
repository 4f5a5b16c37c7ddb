// An owner read an order whose saga turned back while it was being read: of its payment it saw what was before, of its saga what came after.
// It asked for a refund of nothing, and then for the right one under the same key. Found by edda-sim (seed 5000574).
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

#include "owner/case_loads.hpp"
#include "support/interrupted_store.hpp"
#include "unit/owner_node.hpp"

namespace edda {
namespace {

using namespace owner_testing;
using testing_support::InterruptedStore;

struct OwnerOfAll final : owner::CaseLoads::Listener {
  bool wanted(const owner::CaseLoads::Load&) const override { return true; }
  Position log_end(const owner::CaseLoads::Load&) const override { return Position{4}; }
  void loaded(const owner::CaseLoads::Load&, const turn::OrderCase& state) override { told = state; }
  void failed(const owner::CaseLoads::Load&, const Error& error) override { ADD_FAILURE() << error.message; }
  bool too_busy() const override { return false; }

  std::optional<turn::OrderCase> told;
};

TEST(RegressionTornReadOfAnOrder, WhatIsToldStoodInTheLogAtOneTime) {
  memory::MemoryEventStore memory;
  ScriptedGateway gateway;
  SteppedClock clock;
  gateway.hold();
  Node other(memory, gateway, clock);
  other.start();
  ASSERT_TRUE(other.place(1));
  InterruptedStore store(memory);
  store.before = stream_of(saga_id(1));
  store.meanwhile = [&] {
    gateway.release();
    other.settle();  // charged, confirmed, completed
  };
  asio::io_context context;
  TaskGroup tasks(context.get_executor());
  OwnerOfAll owner;
  owner::CaseLoads loads(tasks, store, clock, owner, 8);
  loads.add({ShardId{0}, Epoch{1}, order_id(1), false});
  context.poll();
  ASSERT_TRUE(owner.told);
  EXPECT_EQ(store.meanwhile, nullptr);
  EXPECT_EQ(owner.told->payment.status, PaymentStatus::processing);
  ASSERT_EQ(owner.told->sagas.size(), 1U);
  EXPECT_EQ(owner.told->sagas.front().status, SagaStatus::started);
}

/// Reads of the log take a while.
class SlowStore final : public testing_support::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  Task<Result<std::vector<RecordedEvent>>> read_shard(ShardId shard, Position after, std::size_t limit, Deadline deadline) override {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    co_return co_await ForwardingStore::read_shard(shard, after, limit, deadline);
  }
};

// The first cure read the order as it was at the end of a gap, and so brought back a saga that the turn behind the gap had ended. Found by
// edda-sim (seed 451).
TEST(RegressionTornReadOfAnOrder, AGapBeforeTheTurnThatEndedASagaDoesNotBringItBack) {
  memory::MemoryEventStore memory;
  SlowStore store(memory);
  ScriptedGateway gateway;
  SteppedClock clock;
  Node owner(store, gateway, clock);
  Node other(store, gateway, clock, {.node = "node-2"});
  owner.start();
  gateway.hold();
  ASSERT_TRUE(owner.place(1));
  lanes::TurnRequest cancel;
  cancel.order = order_id(1);
  cancel.command = turn::CancelOrder{"changed my mind"};
  ASSERT_TRUE(other.submit(std::move(cancel)));
  gateway.answer_next(ScriptedGateway::Kind::charge, {saga::Outcome::failed, "", "no route"});
  gateway.release();
  owner.settle();
  EXPECT_EQ(owner.dispatcher.stats().gap_events, 2U);
  EXPECT_EQ(owner.dispatcher.stats().live, 0U);
  EXPECT_EQ(gateway.calls().size(), 1U);
}

}  // namespace
}  // namespace edda

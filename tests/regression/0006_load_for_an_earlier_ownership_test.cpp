// An order was cancelled at another node while its owner still waited for a read of it that it had begun before it lost the shard and took
// it again. The read of the earlier ownership stood for the new one, was of no use when it came, and the cancellation was never acted on.
#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "owner/case_loads.hpp"
#include "support/forwarding_store.hpp"
#include "unit/owner_node.hpp"

namespace edda {
namespace {

using namespace owner_testing;

/// Its reads of streams wait while it is held.
class HeldStore final : public testing_support::ForwardingStore {
 public:
  HeldStore(EventStore& to, asio::io_context& context) : ForwardingStore(to), gate_(context, SteadyTime::max()) {}

  Task<Result<std::vector<RecordedEvent>>> read_stream(StreamId stream, StreamVersion after, std::size_t limit,
                                                       Deadline deadline) override {
    if (held_) co_await gate_.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return co_await ForwardingStore::read_stream(stream, after, limit, deadline);
  }
  void let_go() {
    held_ = false;
    gate_.cancel();
  }

 private:
  asio::steady_timer gate_;
  bool held_ = true;
};

/// Owns the shard under one epoch.
struct OwnerOfAnEpoch final : owner::CaseLoads::Listener {
  bool wanted(const owner::CaseLoads::Load& load) const override { return load.epoch == epoch; }
  Position log_end(const owner::CaseLoads::Load&) const override { return Position{4}; }
  void loaded(const owner::CaseLoads::Load& load, const turn::OrderCase&) override { told.push_back(load.epoch); }
  void failed(const owner::CaseLoads::Load&, const Error& error) override { ADD_FAILURE() << error.message; }
  bool too_busy() const override { return false; }

  Epoch epoch{1};
  std::vector<Epoch> told;
};

TEST(RegressionLoadForAnEarlierOwnership, DoesNotStandForThePresentOne) {
  memory::MemoryEventStore memory;
  ScriptedGateway gateway;
  SteppedClock clock;
  Node node(memory, gateway, clock);
  ASSERT_TRUE(node.place(1));
  HeldStore store(memory, node.context);
  TaskGroup tasks(node.context.get_executor());
  OwnerOfAnEpoch owner;
  owner::CaseLoads loads(tasks, store, clock, owner, 8);
  loads.add({ShardId{0}, Epoch{1}, order_id(1), false});
  node.settle();
  owner.epoch = Epoch{2};
  loads.add({ShardId{0}, Epoch{2}, order_id(1), false});
  node.settle();
  store.let_go();
  node.settle();
  clock.advance(std::chrono::milliseconds(100));
  node.settle();
  EXPECT_EQ(owner.told, std::vector{Epoch{2}});
  node.spawn(tasks.join());
}

}  // namespace
}  // namespace edda

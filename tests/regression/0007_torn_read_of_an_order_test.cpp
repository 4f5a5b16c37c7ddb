// An owner read an order whose saga turned back while it was being read: of its payment it saw what was before, of its saga what came after.
// It asked for a refund of nothing, and then for the right one under the same key. Found by edda-sim (seed 5000574).
#include <gtest/gtest.h>

#include <optional>

#include "owner/case_loads.hpp"
#include "support/forwarding_store.hpp"
#include "unit/owner_node.hpp"

namespace edda {
namespace {

using namespace owner_testing;

/// Something happens before the read of a stream.
class InterruptedStore final : public testing_support::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  Task<Result<std::vector<RecordedEvent>>> read_stream(StreamId stream, StreamVersion after, std::size_t limit,
                                                       Deadline deadline) override {
    if (stream == before && meanwhile) std::exchange(meanwhile, nullptr)();
    return ForwardingStore::read_stream(stream, after, limit, deadline);
  }
  StreamId before;
  std::function<void()> meanwhile;
};

struct Owner final : owner::CaseLoads::Listener {
  bool wanted(const owner::CaseLoads::Load&) const override { return true; }
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
  Owner owner;
  owner::CaseLoads loads(tasks, store, clock, owner, 8);
  loads.add({ShardId{0}, Epoch{1}, order_id(1), Position{4}, false});
  context.poll();
  ASSERT_TRUE(owner.told);
  EXPECT_EQ(store.meanwhile, nullptr);
  EXPECT_EQ(owner.told->payment.status, PaymentStatus::processing);
  ASSERT_EQ(owner.told->sagas.size(), 1U);
  EXPECT_EQ(owner.told->sagas.front().status, SagaStatus::started);
}

}  // namespace
}  // namespace edda

// An append whose answer stayed unknown until its deadline, and which was stored after all, was announced to nobody: its saga waited for
// the next start. Now the owner looks at the log's end after a lost answer, and reads what it was not told.
#include <gtest/gtest.h>

#include "lanes/case_loader.hpp"
#include "support/forwarding_store.hpp"
#include "support/run_task.hpp"
#include "unit/owner_node.hpp"

namespace edda {
namespace {

using namespace owner_testing;

/// Stores what it is given and says that nobody knows.
class MuteStore final : public testing_support::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  Task<Result<std::vector<TurnOutcome>>> append(const std::vector<Turn>& batch, Deadline deadline) override {
    auto stored = co_await ForwardingStore::append(batch, deadline);
    if (mute) co_return fail(Errc::outcome_unknown, "the line is dead");
    co_return stored;
  }
  bool mute = false;
};

TEST(RegressionLostAppendAnswer, TheSagaGoesOnWithoutARestart) {
  memory::MemoryEventStore memory;
  MuteStore store(memory);
  ScriptedGateway gateway;
  SteppedClock clock;
  Node node(store, gateway, clock);
  node.start();
  store.mute = true;
  EXPECT_FALSE(node.place(1));
  clock.advance(std::chrono::seconds(10));
  node.settle();
  ASSERT_EQ(gateway.calls().size(), 0U);
  store.mute = false;
  for (int i = 0; i < 5; ++i) {
    clock.advance(std::chrono::milliseconds(100));
    node.settle();
  }
  ASSERT_EQ(gateway.calls().size(), 1U) << "nobody told the owner, and it did not look for itself";
  const auto order = testing_support::run_task(lanes::load_case(memory, order_id(1), Node::far()));
  EXPECT_EQ(order->state.order.status, OrderStatus::paid);
}

}  // namespace
}  // namespace edda

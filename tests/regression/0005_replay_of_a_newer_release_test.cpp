// The answer under a client's key was asked for again at a node of an older release, which cannot read it: it was called corrupt. Now it says
// that nobody knows, and another node tells.
#include <gtest/gtest.h>

#include <optional>

#include "products/product_service.hpp"
#include "support/forwarding_store.hpp"
#include "unit/owner_node.hpp"

namespace edda {
namespace {

using namespace owner_testing;

/// Once it is older, it knows no event that is read.
class AgingStore final : public testing_support::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  Task<Result<std::vector<RecordedEvent>>> read_stream(StreamId stream, StreamVersion after, std::size_t limit,
                                                       Deadline deadline) override {
    auto events = co_await ForwardingStore::read_stream(stream, after, limit, deadline);
    if (older && events)
      for (auto& event : *events) event.type += "OfLater";
    co_return events;
  }
  bool older = false;
};

TEST(RegressionReplayOfANewerRelease, IsNotCalledCorrupt) {
  memory::MemoryEventStore memory;
  AgingStore store(memory);
  ScriptedGateway gateway;
  SteppedClock clock;
  Node node(store, gateway, clock);
  node.start();
  products::ProductService products(node.lane, store);
  const orders::ClientKey key{"merchant", "products", "key-1", 1};
  std::optional<Errc> code;
  const auto create = [&]() -> Task<void> {
    const auto created = co_await products.create({"P-1", "Lamp", UserId{}, true, 1000}, key, Node::far());
    if (!created) code = created.error().code;
  };
  node.spawn(create());
  ASSERT_EQ(code, std::nullopt);
  store.older = true;
  node.spawn(create());
  EXPECT_EQ(code, Errc::outcome_unknown);
}

}  // namespace
}  // namespace edda
